"""The contact tree for print: one self-contained page, a sheet a prefecture."""

import re
from datetime import date
from html.parser import HTMLParser

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.redaction import redacted
from drillsim.files.tree_file import load_tree, parse_tree
from drillsim.reports.contact_sheet import contact_sheet, pages
from drillsim.shipped import shipped_dir

TODAY = date(2026, 11, 24)
YAMAGUCHI = load_tree(shipped_dir("contacts") / "yamaguchi.yaml").tree


def page_of(tree: ContactTree) -> str:
    return contact_sheet(tree, today=TODAY).decode()


def test_a_sheet_has_all_officers_the_picture_and_the_note_on_confidentiality() -> None:
    page = page_of(YAMAGUCHI)
    for node in YAMAGUCHI.nodes:
        assert node.name in page
        for officer in node.officers:
            assert officer.name in page
            assert officer.phone in page
    assert page.count("<section>") == 1
    assert page.count("<rect") == 21
    assert page.count("Confidential: handle with care") == 1
    assert "This list holds personal data." in page
    assert "2026-11-24" in page


def test_nothing_is_loaded_from_elsewhere_and_no_name_is_markup() -> None:
    nodes = list(YAMAGUCHI.nodes)
    nodes[2] = nodes[2].model_copy(update={"name": "<script>alert(1)</script>"})
    page = page_of(YAMAGUCHI.model_copy(update={"nodes": tuple(nodes)}))
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", page)

    class Checked(HTMLParser):
        open: list[str]

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            assert tag in ("rect", "line")

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br", "col"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    checked = Checked()
    checked.open = []
    checked.feed(page)
    assert checked.open == []


def test_there_is_a_sheet_for_each_prefecture_with_who_stands_above_it() -> None:
    chosen = [body for body in prefectures() if body.code in ("310000", "350001")]
    tree = parse_tree("".join(new_tree(chosen, "見本")).encode(), "t").tree
    sheets = pages(tree)
    assert [sheet.title for sheet in sheets] == [
        "鳥取県 住基ネット担当課",
        "山口県 住基ネット担当課",
    ]
    assert [sheet.nodes[0].id for sheet in sheets] == ["jlis", "jlis"]
    assert [len(sheet.nodes) for sheet in sheets] == [21, 21]


def test_the_type_is_smaller_where_more_has_to_fit_and_never_too_small_to_read() -> None:
    hokkaido = [body for body in prefectures() if body.code == "010006"]
    tree = parse_tree("".join(new_tree(hokkaido, "見本")).encode(), "t").tree
    (large,), (small,) = pages(tree), pages(YAMAGUCHI)
    assert 5 == large.layout.points <= small.layout.points <= 7.5


def test_a_large_prefecture_has_its_telephone_numbers_on_one_sheet() -> None:
    nagano = [body for body in prefectures() if body.code == "200000"]
    tree = parse_tree("".join(new_tree(nagano, "見本")).encode(), "t").tree
    (page,) = pages(tree)
    assert len(page.nodes) == 79
    (sheet,) = page.phones
    assert sheet.points >= 5
    assert [node for column in sheet.columns for node in column] == list(page.nodes)
    first = page_of(tree).split("</section>")[0]
    assert all(officer.phone in first for node in tree.nodes for officer in node.officers)
    assert all(node.duty_desk.phone in first for node in tree.nodes if node.duty_desk)


def test_a_telephone_list_that_one_sheet_does_not_hold_goes_on_in_order() -> None:
    hokkaido = [body for body in prefectures() if body.code == "010006"]
    tree = parse_tree("".join(new_tree(hokkaido, "見本")).encode(), "t").tree
    (page,) = pages(tree)
    assert len(page.phones) == 2
    listed = [node for sheet in page.phones for column in sheet.columns for node in column]
    assert listed == list(page.nodes)
    assert all(sheet.points >= 5 for sheet in page.phones)


def test_bodies_that_hang_below_no_prefecture_have_a_sheet_too() -> None:
    extra = YAMAGUCHI.by_id[NodeId("353418")].model_copy(
        update={"id": "x", "parent": "jlis", "name": "見本電算"}
    )
    tree = YAMAGUCHI.model_copy(update={"nodes": (*YAMAGUCHI.nodes, extra)})
    fresh = ContactTree.model_validate(tree.model_dump())
    assert [sheet.title for sheet in pages(fresh)] == ["山口県 市町課", "other bodies"]


def test_a_masked_sheet_names_nobody() -> None:
    page = contact_sheet(redacted(YAMAGUCHI), today=TODAY, is_redacted=True).decode()
    for node in YAMAGUCHI.nodes:
        for officer in node.officers:
            assert officer.name not in page
            assert not officer.phone or officer.phone not in page
    assert "Masked: names, addresses and numbers are left out." in page
