import pytest

from drillsim.i18n import set_language
from drillsim.problem import Problem, ProblemsError, StoppedError, UsageError


def test_a_problem_reads_as_place_fault_and_remedy() -> None:
    problem = Problem(
        "contacts/yamaguchi.yaml", 12, 11, "code 352013 fails its check digit", "write 352012"
    )
    assert str(problem) == (
        "contacts/yamaguchi.yaml:12:11: code 352013 fails its check digit; write 352012"
    )


def test_a_problem_without_remedy_ends_with_the_fault() -> None:
    assert str(Problem("a.yaml", 1, 1, "the file is empty", "")) == "a.yaml:1:1: the file is empty"


def test_a_warning_says_that_it_is_one_in_the_readers_language() -> None:
    problem = Problem("a.yaml", 1, 2, "x", "y", "warning")
    assert str(problem) == "a.yaml:1:2: warning: x; y"
    set_language("ja")
    assert str(problem) == "a.yaml:1:2: 注意: x; y"


def test_a_problem_is_one_line_whatever_its_file_is_called() -> None:
    problem = Problem("a\n\x1b]0;t\x07b.yaml", 1, 1, "no node \x1b[31mx\n", "y")
    assert str(problem) == "a b.yaml:1:1: no node x ; y"


def test_problems_sort_in_file_order_with_errors_before_warnings() -> None:
    first = Problem("a.yaml", 2, 10, "m", "r")
    warning = Problem("a.yaml", 10, 1, "a", "r", "warning")
    error = Problem("a.yaml", 10, 1, "z", "r")
    other = Problem("b.yaml", 1, 1, "m", "r")
    assert sorted([other, warning, error, first]) == [first, error, warning, other]


@pytest.mark.parametrize(("line", "column"), [(0, 1), (1, 0), (-1, 5)])
def test_a_place_counts_from_one(line: int, column: int) -> None:
    with pytest.raises(ValueError, match="counts from 1"):
        Problem("a.yaml", line, column, "m", "r")


def test_json_has_every_field() -> None:
    assert Problem("a.yaml", 3, 4, "m", "r", "warning").as_json() == {
        "path": "a.yaml",
        "line": 3,
        "column": 4,
        "severity": "warning",
        "message": "m",
        "remedy": "r",
    }


def test_errors_know_their_exit_code() -> None:
    assert UsageError("no such drill").exit_code == 2
    assert StoppedError("the drill was stopped").exit_code == 3
    unusable = ProblemsError([Problem("a.yaml", 1, 1, "m", "r"), Problem("a.yaml", 2, 1, "n", "r")])
    assert unusable.exit_code == 2
    assert str(unusable) == "a.yaml:1:1: m; r\na.yaml:2:1: n; r"
