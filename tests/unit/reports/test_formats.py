"""The formats of a report: what each does with hostile texts, and with typed cells."""

import csv
import io
import json
from html.parser import HTMLParser

from drillsim.reports.formats import FORMATS, writer
from drillsim.reports.html import as_html
from drillsim.reports.plain import as_csv, as_json, as_markdown, table_as_csv
from tests.unit.reports.views import CELLS, small_view

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*77777 }} ]]> <!-- &amp; </style></title>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _value in attrs)))


def tags(page: bytes) -> list[tuple[str, tuple[str, ...]]]:
    parser = Tags()
    parser.feed(page.decode())
    return parser.found


def test_every_format_has_a_writer() -> None:
    assert all(writer(suffix.upper()) is not None for suffix in FORMATS)
    assert writer(".exe") is None


def test_a_hostile_name_adds_no_element_and_no_attribute() -> None:
    plain = tags(as_html(small_view("p" * len(HOSTILE), *CELLS)))
    assert tags(as_html(small_view(HOSTILE, *CELLS))) == plain
    assert {"svg", "table", "figure"} <= {tag for tag, _names in plain}
    assert b"544439" not in as_html(small_view("{{ 7*77777 }}")).split(b"</style>")[1]


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing() -> None:
    page = as_html(small_view("plain", *CELLS))
    assert page.replace(b'xmlns="http://www.w3.org/2000/svg"', b"").count(b"http") == 0
    found = tags(page)
    assert all(tag not in ("script", "link", "img", "iframe", "use", "image") for tag, _ in found)
    assert not any(name.startswith("on") for _tag, names in found for name in names)


def test_a_section_without_anything_is_left_out_and_not_counted() -> None:
    page = as_html(small_view("plain")).decode()
    assert page.count("<h2>") == 2
    assert 'id="comparison"' not in page


def test_csv_opens_in_excel_and_holds_no_formula() -> None:
    written = as_csv(small_view("=1+1", *CELLS))
    assert written.startswith(b"\xef\xbb\xbf")
    title, head, row = csv.reader(io.StringIO(written.decode("utf-8-sig")))
    assert title == ["'=1+1"]
    assert set(head) == {"'=1+1"}
    assert row[2:] == ["17", "89.5 %", "26:02:03", "10:05:09", "2026-10-14 10:05:09", "79.96", ""]
    assert row[:2] == ["'=1+1", "'=1+1"]
    table = small_view("-x", *CELLS).table("table")
    assert table is not None
    assert table_as_csv(table).decode("utf-8-sig").splitlines()[0].startswith("'-x,'-x,")


def test_markdown_escapes_what_has_a_meaning_there() -> None:
    written = as_markdown(small_view("<b>|x", (1, "count"))).decode()
    assert "| \\<b\\>\\|x | \\<b\\>\\|x | 1 |" in written
    assert "\n- " not in as_markdown(small_view("- x\n# y")).decode()


def test_json_gives_lengths_in_seconds_and_rates_in_per_cent() -> None:
    data = json.loads(as_json(small_view("山口市", *CELLS)))
    assert data["score"] == 80.0
    assert data["format"] == "drillsim-report/1"
    (table,) = data["sections"][1]["tables"]
    assert [column["kind"] for column in table["columns"]][2:4] == ["count", "rate"]
    assert table["rows"][0] == [
        "山口市",
        "山口市",
        17,
        89.5,
        93723.0,
        "2026-10-14T10:05:09+00:00",
        "2026-10-14T10:05:09+00:00",
        79.96,
        None,
    ]
