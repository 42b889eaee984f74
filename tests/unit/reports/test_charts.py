"""Pictures for documents that take no SVG."""

import struct
import sys

import pytest

from drillsim.reports.charts import picture_pngs
from drillsim.reports.report import report_view
from drillsim.reports.typesetting import japanese_among, machine_fonts
from drillsim.reports.view import Curve, Gantt, TreePicture
from tests.unit.reports.drills import shipped


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_pictures_are_as_large_whether_typst_is_there_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    if not japanese_among(machine_fonts().families()):
        pytest.skip("no Japanese font is installed")
    blocks = report_view(shipped()).section("results").blocks
    pictures = [b for b in blocks if isinstance(b, TreePicture | Curve | Gantt)][:3]
    assert len(pictures) == 3
    with_it = [picture_pngs(picture, 1.0) for picture in pictures]
    monkeypatch.setitem(sys.modules, "typst", None)
    without = [picture_pngs(picture, 1.0) for picture in pictures]
    assert with_it != without
    for ours, others in zip(with_it, without, strict=True):
        assert len(ours) == len(others)
        for one, other in zip(map(size, ours), map(size, others), strict=True):
            assert abs(one[0] - other[0]) <= 1
            assert abs(one[1] - other[1]) <= 1
