"""A contact tree as a table: a row an officer, every field a column, with headings that come back.

`drillsim.files.lists.importing` reads it again without loss, in either language.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from drillsim.drill.tree import ContactTree, Node, NodeKind, Officer
from drillsim.files.lists.sheet import neutral
from drillsim.i18n import _, language


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its heading in Japanese and English, its width in Excel, what stands in it.

    Headings are part of the format: the shipped mapping file knows them all.
    """

    japanese: str
    english: str
    width: int
    of_node: Callable[[Node], str] | None = None
    of_officer: Callable[[Officer], str] | None = None


def _night_mails(officer: Officer) -> str:
    return "\n".join(officer.off_hours.email)


def _night_phone(officer: Officer) -> str:
    return officer.off_hours.phone


def _verified(officer: Officer) -> str:
    return officer.verified.isoformat() if officer.verified is not None else ""


def _desk(part: str) -> Callable[[Node], str]:
    return lambda node: "" if node.duty_desk is None else str(getattr(node.duty_desk, part))


KIND_NAMES: Final = {
    "national-center": "全国センター",
    "prefecture": "都道府県",
    "municipality": "市町村",
    "section": "課",
    "branch": "出先",
    "contractor": "委託事業者",
    "joint-body": "一部事務組合",
}
"""What the kinds of nodes are called in lists in Japanese; in English, by their own names."""


def kind_name(kind: NodeKind) -> str:
    """Return what a kind of node is called in the language in use."""
    return KIND_NAMES[kind] if language() == "ja" else kind


def _kind(node: Node) -> str:
    return kind_name(node.kind)


COLUMNS: Final[Sequence[TableColumn]] = (
    TableColumn("ID", "ID", 10, lambda node: node.id),
    TableColumn("団体コード", "Code", 10, lambda node: node.code),
    TableColumn("団体名", "Body", 24, lambda node: node.name),
    TableColumn("団体名カナ", "Body kana", 20, lambda node: node.kana),
    TableColumn("種別", "Kind", 12, _kind),
    TableColumn("上位団体", "Parent", 10, lambda node: node.parent or ""),
    TableColumn("共用メール", "Mailbox", 28, lambda node: node.mailbox),
    TableColumn("順位", "Order", 6),
    TableColumn("職", "Role", 18, None, lambda officer: officer.role),
    TableColumn("氏名", "Name", 14, None, lambda officer: officer.name),
    TableColumn("ふりがな", "Kana", 16, None, lambda officer: officer.kana),
    TableColumn("メールアドレス", "E-mail", 28, None, lambda officer: "\n".join(officer.email)),
    TableColumn("電話", "Telephone", 16, None, lambda officer: officer.phone),
    TableColumn("夜間・休日メール", "Off-hours e-mail", 28, None, _night_mails),
    TableColumn("夜間・休日電話", "Off-hours telephone", 16, None, _night_phone),
    TableColumn("確認日", "Verified", 11, None, _verified),
    TableColumn("備考", "Note", 24, None, lambda officer: officer.note),
    TableColumn("宿日直名", "Duty desk", 12, _desk("name")),
    TableColumn("宿日直電話", "Duty desk telephone", 16, _desk("phone")),
    TableColumn("宿日直備考", "Duty desk note", 16, _desk("note")),
    TableColumn("写し送付先", "Also notify", 12, lambda node: " ".join(node.also_notify)),
    TableColumn("団体備考", "Body note", 24, lambda node: node.note),
)


def headings() -> list[str]:
    """Return the headings in the language in use."""
    return [column.japanese if language() == "ja" else column.english for column in COLUMNS]


def table_rows(tree: ContactTree) -> Iterator[list[str]]:
    """Yield the rows: an officer each, in calling order; a body without any has a row too."""
    for node in tree.nodes:
        for number, officer in enumerate(node.officers, 1):
            yield [_value(column, node, officer, number) for column in COLUMNS]
        if not node.officers:
            yield [_value(column, node, None, 0) for column in COLUMNS]


def _value(column: TableColumn, node: Node, officer: Officer | None, number: int) -> str:
    if column.of_node is not None:
        return column.of_node(node)
    if officer is None:
        return ""
    return column.of_officer(officer) if column.of_officer is not None else str(number)


def as_csv(tree: ContactTree) -> bytes:
    """Return CSV that Japanese Excel opens: UTF-8 with BOM, CRLF, no cell a formula."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings())
    writer.writerows([neutral(text) for text in row] for row in table_rows(tree))
    return out.getvalue().encode("utf-8-sig")


def as_excel(tree: ContactTree) -> bytes:
    """Return a workbook in which every cell is text: codes and numbers keep their leading 0."""
    import io

    import xlsxwriter

    from drillsim.sheets import AS_TEXT

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_TEXT) as book:
        page = book.add_worksheet(_("contacts"))
        head = book.add_format(
            {"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True, "valign": "top"}
        )
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 4})
        for place, column in enumerate(COLUMNS):
            page.set_column(place, place, column.width, text)
            page.write_string(0, place, headings()[place], head)
        count = 0
        for count, row in enumerate(table_rows(tree), 1):
            for place, value in enumerate(row):
                page.write_string(count, place, value, text)
        page.freeze_panes(1, 3)
        page.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.repeat_rows(0)
        page.fit_to_pages(1, 0)
        care = _("Confidential: handle with care")
        page.set_footer(f"&L{care}&R&P / &N")
    return out.getvalue()
