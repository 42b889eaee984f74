import time
from pathlib import Path

import pytest

from drillsim.files.yaml_nodes import Place, plain
from drillsim.files.yaml_reader import (
    BYTES_MAX,
    DEPTH_MAX,
    UnreadableError,
    read_bytes,
    read_document,
)
from drillsim.problem import ProblemsError

CPU_SECONDS_MAX = 2.0  # 0.6 at the most on a machine that does nothing else.


def fault(data: bytes | str) -> str:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(ProblemsError) as caught:
        read_document(raw, "f.yaml")
    return str(caught.value)


def test_every_scalar_stays_the_text_that_was_written() -> None:
    document = read_document(b"code: 010006\nat: 10:30\nyes: no\nn: 1_000\nd: 2026-04-10\n", "f")
    assert plain(document.root) == {
        "code": "010006",
        "at": "10:30",
        "yes": "no",
        "n": "1_000",
        "d": "2026-04-10",
    }


def test_a_key_with_nothing_after_it_is_left_out() -> None:
    document = read_document(b"a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: [1, '']\n", "f")
    assert plain(document.root) == {"d": "", "e": "null", "f": ["1", ""]}


def test_places_are_counted_in_characters_from_one() -> None:
    document = read_document("訓: {練: [甲, 乙]}\n".encode(), "f")
    assert document.place(("訓", "練", 1)) == Place(1, 12)
    assert document.key_place(("訓", "練")) == Place(1, 5)
    assert document.place(("訓", "無い")) == Place(1, 4)


def test_offsets_lead_to_the_text_of_a_value() -> None:
    text = '# 前書き\ntitle: "訓練" # 後\n'
    document = read_document(text.encode(), "f")
    node = document.find(("title",))
    assert node is not None
    assert document.text[node.start : node.end] == '"訓練"'


def test_a_line_of_a_block_text_is_found() -> None:
    document = read_document(b"a:\n  body: | # no\n\n    one\n     two\n  b: 'x y'\n", "f")
    assert document.text_line(("a", "body"), 2) == Place(4, 5)
    assert document.text_line(("a", "body"), 3) == Place(5, 6)
    assert document.text_line(("a", "b"), 5) == Place(6, 6)


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    document = read_document(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n", "f")
    assert plain(document.root) == {"a": "1", "b": "x\ny\n"}
    assert document.place(("a",)) == Place(1, 4)


def test_an_alias_repeats_what_it_names() -> None:
    document = read_document(b"a: &x {k: [1, 2]}\nb: *x\n", "f")
    assert plain(document.root)["b"] == {"k": ["1", "2"]}


def test_every_doubled_key_is_listed_and_the_first_value_kept() -> None:
    said = fault("a: 1\nb: 2\na: 3\nb: {c: 1, c: 2}\n")
    assert [line.split(" ")[0] for line in said.splitlines()] == [
        "f.yaml:3:1:",
        "f.yaml:4:1:",
        "f.yaml:4:11:",
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"[" * 10_000, f"1:{DEPTH_MAX + 1}: this is nested"),
        (b"- " * 10_000 + b"a\n", "1:201: this is nested"),
        (b"{a: " * 10_000, "1:401: this is nested"),
        (b"a: " + b"x" * 4_900_000, "1:4: this text has over"),
        (b"a: '" + b"'" * 4_000_001, "1:4: this text has over"),
        (b"a: [" + b"x," * 2_400_000 + b"]\n", "1:400003: this file has over 200000 entries"),
        (b"k: v\n" * 900_000, "2:1: k stands here twice"),
        (b"a:\n" + b"- !x y\n" * 600_000, "2:3: the tag !x is not taken here"),
        (b"\n" * 4_900_000, "1:1: this file is empty"),
        (b"#x\n" * 1_600_000, "1:1: this file is empty"),
        (b"a: \xff\xfe\n", "1:4: this file is not in UTF-8"),
        ("訓練: ".encode() + b"\x82\xa0\n", "1:5: this file is not in UTF-8"),
        (b"a: b\x00c\n", "1:5: the control character U+0000"),
        (b"a: b\n\x1b[31m: c\n", "2:1: the control character U+001B"),
        ("a: b\u2029\n".encode(), "1:5: the character U+2029"),
        (b"a: &a [*a]\n", "1:8: *a repeats nothing that stands before it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_files_are_refused_at_once_with_their_line(data: bytes, line: str) -> None:
    began = time.process_time()
    assert fault(data).splitlines()[0].startswith(f"f.yaml:{line}")
    assert time.process_time() - began < CPU_SECONDS_MAX


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    assert "the repetitions by * grow to over 10000 entries" in fault("\n".join(lines))


def test_only_so_many_faults_are_listed() -> None:
    said = fault("k: v\n" * 5_000).splitlines()
    assert len(said) == 1_001
    assert said[-1].endswith("there are over 1000 faults above this one; mend those above first")


@pytest.mark.parametrize(
    "text",
    [
        "%TAG ! x\n%TAG ! y\n---\na: 1\n",
        "%YAML 2.0\n---\na: 1\n",
        "a: !foo!bar y\n",
        "a: |x\n",
        "a: - b\n",
        "a: ]\n",
        "a: &\n",
        "--- a\n...\nfoo\n",
        "a: 'it's'\n",
    ],
)
def test_no_words_of_the_yaml_library_reach_the_user(text: str) -> None:
    said = fault(text)
    assert "cannot be read as YAML" not in said
    assert "did not find" not in said
    assert "while" not in said


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"x" * (BYTES_MAX + 1))
    for path, what in [
        (tmp_path, "this is a folder"),
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path / "a\0b.yaml", "this file cannot be read"),
        (tmp_path / ("x" * 300), "this file cannot be read"),
        (big, "this file has over 5 MB"),
    ]:
        with pytest.raises(UnreadableError) as caught:
            read_bytes(path, "it")
        assert str(caught.value).startswith(f"it:1:1: {what}")
