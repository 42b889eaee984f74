import csv
import io
import json
from datetime import timedelta
from html.parser import HTMLParser

from drillsim.reports.formats import as_csv, as_html, as_json, as_markdown
from drillsim.reports.view import Cell, Lane, ReportView, Section, Table

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }}"


def view(name: str, cell: Cell = 1) -> ReportView:
    lane = Lane(name, (("waiting", timedelta(0), timedelta(minutes=5)),), True, False, False)
    table = Table(name, (name, "n"), ((name, cell),))
    return ReportView(
        title=name,
        language="ja",
        sections=(Section(name, (name,), (table,)),),
        lanes=((name, (lane,)),),
        lanes_left_out=0,
        length=timedelta(minutes=10),
        data={"score": 80.0},
    )


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


def test_a_hostile_name_adds_no_element_and_no_attribute() -> None:
    assert tags(as_html(view(HOSTILE))) == tags(as_html(view("plain")))
    assert b"49" not in as_html(view("{{ 7*7 }}")).split(b"</style>")[1]


def test_the_page_asks_for_nothing_from_outside() -> None:
    page = as_html(view("plain"))
    assert b"http" not in page
    assert all(tag not in ("script", "link", "img", "iframe") for tag, _names in tags(page))


def test_csv_opens_in_excel_and_holds_no_formula() -> None:
    written = as_csv(view("=1+1", timedelta(hours=1, minutes=2, seconds=3)))
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert ["'=1+1", "1:02:03"] in rows


def test_markdown_escapes_what_has_a_meaning_there() -> None:
    assert "| \\<b\\>\\|x | 1 |" in as_markdown(view("<b>|x")).decode()


def test_json_gives_lengths_in_seconds() -> None:
    data = json.loads(as_json(view("山口市", timedelta(minutes=2))))
    assert data["score"] == 80.0
    assert data["sections"][0]["tables"][0]["rows"] == [["山口市", 120.0]]
