"""The PDF: set offline, and a clear line where something for it is missing."""

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from drillsim.problem import UsageError
from drillsim.reports.pdf import as_pdf, japanese_fonts
from drillsim.reports.typesetting import JAPANESE_FONTS
from tests.unit.reports.views import CELLS, small_view


def test_a_report_is_set_whatever_its_texts_are() -> None:
    typst = pytest.importorskip("typst", reason="the extra pdf is not installed")
    if not set(JAPANESE_FONTS) & set(typst.Fonts().families()):
        pytest.skip("no Japanese font is installed")
    plain = as_pdf(small_view("架空の訓練", *CELLS))
    assert plain.startswith(b"%PDF-")
    assert plain == as_pdf(small_view("架空の訓練", *CELLS))
    assert as_pdf(small_view('#panic("x") $ ] " \\ @ref <b> = *', *CELLS)).startswith(b"%PDF-")


def test_the_first_font_of_the_list_is_taken_first() -> None:
    assert japanese_fonts(["IPAexGothic", "DejaVu Sans", "Noto Sans CJK JP"]) == [
        "Noto Sans CJK JP",
        "IPAexGothic",
    ]


def test_a_machine_without_a_japanese_font_is_told_so() -> None:
    with pytest.raises(UsageError, match="PDF needs a Japanese font; install one"):
        japanese_fonts(["DejaVu Sans"])


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_typst(
        name: str,
        names: Mapping[str, object] | None = None,
        places: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, names, places, wanted, level)

    monkeypatch.setattr(builtins, "__import__", without_typst)
    with pytest.raises(UsageError, match=r"pip install 'drillsim\[pdf\]'"):
        as_pdf(small_view("x"))
