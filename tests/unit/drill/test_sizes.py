import pytest

from drillsim.drill.model import Unfit
from drillsim.drill.scenario import MailStyle
from drillsim.drill.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("5MB", 5_000_000), ("1500KB", 1_500_000), (" 2 mb ", 2_000_000), ("50MB", 50_000_000)],
)
def test_a_size_is_read_with_its_unit(text: str, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes
    assert parse_size(format_size(size_bytes)) == size_bytes


@pytest.mark.parametrize("text", ["5", "", "5GB", "MB", "-5MB", "5.5MB", "５MB", "999KB", "51MB"])
def test_what_is_no_size_or_would_refuse_the_drills_own_mail_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        parse_size(text)


def test_a_scenario_says_how_large_a_mail_may_be() -> None:
    assert MailStyle().size_max == 2_000_000
    style = MailStyle.model_validate({"size-max": "5MB"})
    assert style.size_max == 5_000_000
    assert MailStyle.model_validate(style.model_dump(mode="json", by_alias=True)) == style
