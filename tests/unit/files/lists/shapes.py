"""Thirty lists as offices keep them, made up, each with what an import must make of it.

A list is either right (the tree that it makes is given) or refused (the cells that cannot be taken
are given by row and column). People are plainly fictional, addresses end in .example.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
import xlsxwriter

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Shape:
    """A list: its file, and either the tree or the refused cells."""

    name: str
    data: bytes
    tree: str = ""
    refused: tuple[str, ...] = ()
    prefecture: str = ""


def csv_of(text: str, codec: str = "utf-8", ends: str = "\n") -> bytes:
    return text.strip("\n").replace("\n", ends).encode(codec) + ends.encode(codec)


def excel_of(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(rows: Rows) -> Callable[[Any], None]:
    def fill(page: Any) -> None:
        for row in rows:
            page.append(list(row))

    return fill


def computed(rows: Rows) -> bytes:
    """Return a workbook whose cells of the form ("=…", value) are formulas with their results."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("一覧")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, tuple):
                    page.write_formula(r, c, value[0], None, value[1])
                else:
                    page.write(r, c, value)
    return out.getvalue()


PLAIN = """
団体コード,団体名,所属,職,氏名,メールアドレス,電話,夜間連絡先
350001,山口県,市町課,課長,見本 一郎,ichiro@pref.example,083-000-0101,090-0000-0101
352012,下関市,市民課,課長,見本 二葉,futaba@shimo.example,083-000-0201,
352012,下関市,市民課,主任,見本 三郎,saburo@shimo.example,083-000-0202,090-0000-0202
"""
QUOTED = "\n".join(
    ",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.strip().split("\n")
)
PLAIN_TREE = """
350001 prefecture ^- 山口県 市町課
  見本 一郎 (課長) ichiro@pref.example 083-000-0101 night: 090-0000-0101
352012 municipality ^350001 下関市 市民課
  見本 二葉 (課長) futaba@shimo.example 083-000-0201
  見本 三郎 (主任) saburo@shimo.example 083-000-0202 night: 090-0000-0202
"""


def merged_two_rows(page: Any) -> None:
    """A title, two rows of headings with merged groups, and bodies merged over their officers."""
    page["A1"] = "緊急連絡先一覧"
    page.merge_cells("A1:H1")
    page["H2"] = "令和８年４月１日現在"
    for place, text in {"A3": "団体名", "B3": "職", "C3": "氏名", "D3": "通常業務時",
                        "F3": "夜間・休日", "H3": "備考", "D4": "電話", "E4": "メール",
                        "F4": "電話", "G4": "メール"}.items():  # fmt: skip
        page[place] = text
    for span in ("A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:H4"):
        page.merge_cells(span)
    for row in (
        ["山口県", "課長", "見本 一郎", "083-000-0101", "i@pref.example", "090-0000-0101"],
        [
            None,
            "主査",
            "見本 二葉",
            "083-000-0102",
            "f@pref.example",
            None,
            "fk@x.example",
            "産休代替",
        ],
        ["下関市", "課長", "見本 三郎", "083-000-0201", "s@shimo.example"],
        [None, "主任", "見本 四葉", None, "y@shimo.example"],
    ):
        page.append(row)
    for span in ("A5:A6", "A7:A8", "D7:D8"):
        page.merge_cells(span)


def with_days(page: Any) -> None:
    page.append(["団体コード", "団体名", "氏名", "メール", "確認日"])
    page.append([350001, "山口県", "見本 一郎", "i@pref.example", date(2026, 4, 10)])
    page.append([352012, "下関市", "見本 二葉", "f@shimo.example", 46122])
    page.append([352021, "宇部市", "見本 三郎", "s@ube.example", "令和８年４月９日"])
    page.append([352039, "山口市", "見本 四葉", "y@yama.example", "R8.4.8"])
    page.append([352047, "萩市", "見本 五月", "g@hagi.example", datetime(2026, 4, 7)])  # noqa: DTZ001


def sections_of_a_prefecture(page: Any) -> None:
    page.append(["団体名", "所属", "区分", "職", "氏名", "メール", "内線"])
    page.append(["山口県", "市町課", "県", "課長", "見本 一郎", "i@pref.example", 2311])
    page.append(["山口県", "下関県税事務所", "出先", "所長", "見本 二葉", "f@pref.example", None])
    page.append(["山口県", "税務課", "本庁", "主査", "見本 三郎", "s@pref.example", 2421])


SHAPES: list[Shape] = [
    Shape("UTF-8, Unix line ends", csv_of(PLAIN), PLAIN_TREE),
    Shape("UTF-8 with BOM, Windows line ends", csv_of(PLAIN, "utf-8-sig", "\r\n"), PLAIN_TREE),
    Shape("CP932 from Excel", csv_of(PLAIN, "cp932", "\r\n"), PLAIN_TREE),
    Shape("UTF-16 text from Excel", csv_of(PLAIN.replace(",", "\t"), "utf-16", "\r\n"), PLAIN_TREE),
    Shape("old Mac line ends", csv_of(PLAIN, "utf-8", "\r"), PLAIN_TREE),
    Shape("every cell in quotation marks",
          csv_of(QUOTED, "cp932", "\r\n"),
          PLAIN_TREE),
    Shape("half-width kana, ①㈱髙﨑, full-width digits", csv_of("""
団体名,所属,職,氏名,フリガナ,メールアドレス,電話番号
山口県,市町課,課長,髙﨑 一郎,ﾀｶｻｷ ｲﾁﾛｳ,taka@pref.example,０８３－０００－０１０１
下関市,①市民課,主任,見本 二葉,ﾐﾎﾝ ﾌﾀﾊﾞ,futaba@shimo.example,083ｰ000ｰ0201
㈱見本電算,,営業,渡邉 三郎,,saburo@densan.example,03-0000-0001
""", "cp932", "\r\n"), """
350001 prefecture ^- 山口県 市町課
  髙﨑 一郎 [タカサキ イチロウ] (課長) taka@pref.example 083-000-0101
352012 municipality ^350001 下関市 ①市民課
  見本 二葉 [ミホン フタバ] (主任) futaba@shimo.example 083-000-0201
㈱見本電算 contractor ^350001 ㈱見本電算
  渡邉 三郎 (営業) saburo@densan.example 03-0000-0001
"""),
    Shape("a title, a date, empty lines, remarks below", csv_of("""
山口県緊急時連絡先一覧,,,
,,,令和８年４月現在
,,,
団体名,氏名,電話,メール
,,,
山口県,見本 一郎,083-000-0101,i@pref.example

下関市,見本 二葉,083-000-0201,f@shimo.example
,,,
※異動のときは連絡すること。,,,
以上,,,
"""), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example 083-000-0101
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example 083-000-0201
"""),
    Shape("blanks at both ends, of both widths", csv_of("""
団体名 ,　氏名　, メール アドレス
山口県　, 　見本　一郎 , i@pref.example\u3000
下関市,見本 二葉,　f@shimo.example
"""), """
350001 prefecture ^- 山口県
  見本　一郎 i@pref.example
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example
"""),
    Shape("〃 and empty cells for the body above", csv_of("""
団体名,氏名,電話,メール
山口県,見本 一郎,083-000-0101,i@pref.example
〃,見本 二葉,〃,f@pref.example
下関市,見本 三郎,083-000-0201,s@shimo.example
,見本 四葉,083-000-0202,y@shimo.example
"""), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example 083-000-0101
  見本 二葉 f@pref.example 083-000-0101
352012 municipality ^350001 下関市
  見本 三郎 s@shimo.example 083-000-0201
  見本 四葉 y@shimo.example 083-000-0202
"""),
    Shape("merged headings in two rows, merged bodies", excel_of(merged_two_rows), """
350001 prefecture ^- 山口県
  見本 一郎 (課長) i@pref.example 083-000-0101 night: 090-0000-0101
  見本 二葉 (主査) f@pref.example 083-000-0102 night: fk@x.example note: 産休代替
352012 municipality ^350001 下関市
  見本 三郎 (課長) s@shimo.example 083-000-0201
  見本 四葉 (主任) y@shimo.example 083-000-0201
"""),
    Shape("merged headings saved as CSV", csv_of("""
緊急連絡先,,,,,
団体名,氏名,通常業務時,,夜間・休日,
,,電話,メール,電話,メール
山口県,見本 一郎,083-000-0101,i@pref.example,090-0000-0101,ik@x.example
下関市,見本 二葉,083-000-0201,f@shimo.example,,
""", "cp932"), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example 083-000-0101 night: ik@x.example 090-0000-0101
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example 083-000-0201
"""),
    Shape("responsible person and stand-in side by side", csv_of("""
団体名,責任者,,,担当者,,
,職,氏名,電話,職,氏名,電話
山口県,課長,見本 一郎,083-000-0101,主査,見本 二葉,083-000-0102
下関市,課長,見本 三郎,083-000-0201,,,
"""), """
350001 prefecture ^- 山口県
  見本 一郎 (課長) 083-000-0101
  見本 二葉 (主査) 083-000-0102
352012 municipality ^350001 下関市
  見本 三郎 (課長) 083-000-0201
"""),
    Shape("the post stands before the heading", csv_of("""
市町名,責任者氏名,責任者メール,副担当者氏名,副担当者メール
下関市,見本 一郎,i@shimo.example,見本 二葉,f@shimo.example
宇部市,見本 三郎,s@ube.example,見本 四葉,y@ube.example
"""), """
350001 prefecture ^- 山口県
352012 municipality ^350001 下関市
  見本 一郎 (責任者) i@shimo.example
  見本 二葉 (副担当者) f@shimo.example
352021 municipality ^350001 宇部市
  見本 三郎 (責任者) s@ube.example
  見本 四葉 (副担当者) y@ube.example
"""),
    Shape("numbered columns, numbers that lost their 0", computed([
        ["No", "団体コード", "市町村名", "氏名１", "電話１", "氏名２", "電話２"],
        [1, 352012, "下関市", "見本 一郎", 830000201, "見本 二葉", 9000000202],
        [2, 35202, "宇部市", "見本 三郎", "0836-00-0201", None, None],
    ]), """
350001 prefecture ^- 山口県
352012 municipality ^350001 下関市
  見本 一郎 0830000201
  見本 二葉 09000000202
352021 municipality ^350001 宇部市
  見本 三郎 0836-00-0201
"""),
    Shape("codes of Hokkaido as numbers", computed([
        ["コード", "団体名", "氏名", "メール"],
        [10006, "北海道", "見本 一郎", "i@do.example"],
        [11002, "札幌市", "見本 二葉", "f@sapporo.example"],
    ]), """
010006 prefecture ^- 北海道
  見本 一郎 i@do.example
011002 municipality ^010006 札幌市
  見本 二葉 f@sapporo.example
"""),
    Shape("days as days, as numbers, in eras", excel_of(with_days), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example 2026-04-10
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example 2026-04-10
352021 municipality ^350001 宇部市
  見本 三郎 s@ube.example 2026-04-09
352039 municipality ^350001 山口市
  見本 四葉 y@yama.example 2026-04-08
352047 municipality ^350001 萩市
  見本 五月 g@hagi.example 2026-04-07
"""),
    Shape("formulas with their results", computed([
        ["団体名", "氏名", "ローカル部", "メールアドレス"],
        ["山口県", "見本 一郎", "i", ('=C2&"@pref.example"', "i@pref.example")],
        ["下関市", ("=A1&A2", "見本 二葉"), "f", ('=C3&"@shimo.example"', "f@shimo.example")],
    ]), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example
"""),
    Shape("formulas without results, and #N/A", excel_of(rows_of([
        ["団体名", "氏名", "メールアドレス"],
        ["山口県", "見本 一郎", '="i"&"@pref.example"'],
        ["下関市", "見本 二葉", "#N/A"],
    ])), refused=("2:3", "3:3")),
    Shape("text formulas in CSV for leading zeros", csv_of("""
団体コード,団体名,氏名,電話
="010006",北海道,見本 一郎,="0110000101"
'011002,札幌市,見本 二葉,'0110000201
"""), """
010006 prefecture ^- 北海道
  見本 一郎 0110000101
011002 municipality ^010006 札幌市
  見本 二葉 0110000201
"""),
    Shape("several addresses and numbers in a cell", csv_of("""
団体名,氏名,メール,電話,夜間・休日連絡先
山口県,見本 一郎,"i@pref.example
i2@pref.example",083-000-0101（内線 2311）,"090-0000-0101 ik@x.example"
下関市,見本 二葉,f@shimo.example；f2@shimo.example,"083-000-0201",なし
宇部市,見本 三郎,見本 <s@ube.example>,0836-00-0201,―
"""), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example i2@pref.example 083-000-0101(内線 2311) night: ik@x.example 090-0000-0101
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example f2@shimo.example 083-000-0201
352021 municipality ^350001 宇部市
  見本 三郎 s@ube.example 0836-00-0201
"""),
    Shape("full-width addresses, unseen marks", csv_of(
        "団体名,氏名,メール\n山口県,見本 一郎,ｉ＠ｐｒｅｆ．ｅｘａｍｐｌｅ\n"
        "下関市,見本\u200b 二葉,f\u200b@shimo.example\ufeff\n"), """
350001 prefecture ^- 山口県
  見本 一郎 i@pref.example
352012 municipality ^350001 下関市
  見本 二葉 f@shimo.example
"""),
    Shape("order, shared mailbox, duty desk, FAX", csv_of("""
団体名,共用メール,宿日直,順位,氏名,電話,FAX,備考
下関市,juki@shimo.example,083-000-0299,②,見本 二葉,083-000-0202,083-000-0298,
下関市,juki@shimo.example,083-000-0299,①,見本 一郎,083-000-0201,,正
"""), """
350001 prefecture ^- 山口県
352012 municipality ^350001 下関市 juki@shimo.example desk: 083-000-0299
  見本 一郎 083-000-0201 note: 正
  見本 二葉 083-000-0202 note: FAX：083-000-0298
"""),
    Shape("offices of a prefecture", excel_of(sections_of_a_prefecture), """
350001 prefecture ^- 山口県 市町課
  見本 一郎 (課長) i@pref.example 内線2311
山口県下関県税事務所 branch ^350001 山口県 下関県税事務所
  見本 二葉 (所長) f@pref.example
山口県税務課 section ^350001 山口県 税務課
  見本 三郎 (主査) s@pref.example 内線2421
"""),
    Shape("surname and given name apart, posts for names", csv_of("""
団体名,職名,姓,名,E-mail
山口県,課長,見本,一郎,i@pref.example
下関市,セキュリティ責任者,,,sec@shimo.example
"""), """
350001 prefecture ^- 山口県
  見本 一郎 (課長) i@pref.example
352012 municipality ^350001 下関市
  セキュリティ責任者 (セキュリティ責任者) sec@shimo.example
"""),
    Shape("a name that occurs twice, by its prefecture", csv_of("""
都道府県,市町村名,氏名,メール
東京都,府中市,見本 一郎,i@fuchu.example
広島県,府中市,見本 二葉,f@fuchu.example
北海道,伊達市,見本 三郎,s@date.example
"""), """
jlis national-center ^- J-LIS 住基ネット全国センター
130001 prefecture ^jlis 東京都
340006 prefecture ^jlis 広島県
010006 prefecture ^jlis 北海道
132063 municipality ^130001 府中市
  見本 一郎 i@fuchu.example
342084 municipality ^340006 府中市
  見本 二葉 f@fuchu.example
012335 municipality ^010006 伊達市
  見本 三郎 s@date.example
"""),
    Shape("a name that occurs twice, with nothing to tell", csv_of("""
市町村名,氏名,メール
府中市,見本 一郎,i@fuchu.example
"""), refused=("2:1",)),
    Shape("wrong codes, addresses, days, numbers", csv_of("""
団体コード,団体名,氏名,メール,電話,確認日
352013,下関市,見本 一郎,i@shimo.example,083-000-0201,2026-04-10
352021,宇部市,見本 二葉,f@ube,0836-00-0201,4月10日
352039,山口市,見本 三郎,s＠＠yama.example,宿直へ,2026-02-30
"""), refused=("2:1", "3:4", "3:6", "4:4", "4:5", "4:6")),
    Shape("rows of one body that disagree", csv_of("""
団体コード,団体名,共用メール,氏名
352012,下関市,juki@shimo.example,見本 一郎
352012,下関市,kyuu@shimo.example,見本 二葉
"""), refused=("3:3",)),
    Shape("nobody knows whose row it is, two people in a cell", csv_of("""
団体名,氏名,メール
,見本 一郎,i@pref.example
下関市,"見本 二葉
見本 三郎",f@shimo.example
見本同好会,見本 四葉,y@x.example
山口県,,z@pref.example
"""), refused=("2:1", "3:2", "4:1", "5:3")),
    Shape("headings that mean nothing here", csv_of("""
品名,数量
封筒,3
"""), refused=("1:1",)),
    Shape("markup, formulas and marks of drills in names", csv_of("""
団体名,職,氏名,メール
山口県,[bold]課長[/],"=HYPERLINK(""http://x.example"")",i@pref.example
下関市,<b>主任</b>,+81 見本,f@shimo.example
"""), """
350001 prefecture ^- 山口県
  =HYPERLINK("http://x.example") ([bold]課長[/]) i@pref.example
352012 municipality ^350001 下関市
  +81 見本 (<b>主任</b>) f@shimo.example
"""),
]  # fmt: skip
