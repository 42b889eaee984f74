"""A Word document (docx) as Japanese offices write them: A4, 明朝, real headings, page numbers.

Offices go on writing in it, so everything is what Word itself would make: styles and no direct
formatting, tables whose head is repeated on every page, numbers of pages as fields. What is put in
is text and nothing else: it passes `drillsim.text.clean` here, so no control character stops Word.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from drillsim.i18n import Language
from drillsim.reports.word_styles import (
    CAPTION,
    INDENTED,
    ITEM,
    LETTER,
    NAMESPACE,
    REMARK,
    TABLE,
    TABLE_HEAD,
    TEXT_WIDTH_MM,
    blank_document,
    style_id,
)
from drillsim.text import clean, clean_line, width

ACROSS_WIDTH_MM: Final = 261
"""Between the margins of a page across (18 mm left and right)."""
_TWIPS_PER_MM: Final = 56.7
_LETTER_MM: Final = 1.9
"""How wide a half-width letter of a table is (9 points), in whatever font stands in for ours."""
_CELL_MARGINS_MM: Final = 3.2
_COLUMN_MOST: Final = 46
"""Half-width letters: cells with longer lines break them."""
_BREAKABLE: Final = re.compile(r"[\s\u3000-\u9fff\uff00-\uffef]+")
"""Where Word may begin a new line: at blanks, and between any two Japanese characters."""
_SOME_LETTERS: Final = 10
_PICTURE_HEIGHT_MM: Final = 230
_ROW_MM: Final = 8
"""Height of a row to be filled in by hand."""
_OWN_MARGIN: Final = ("　", " ", "(", "（", "・", *"１２３４５６７８９")
"""What begins a line that has its own shape and is not to be indented further."""

_WRAPPED: Final = re.compile(r"(?<![。．.!?！？：:」）)\n])[ \t]*\n(?=[^\s　(（・０-９])")
"""A line break within a sentence, as authors of YAML files wrap their lines."""


class WordPaper:
    """One document, written from its beginning to its end."""

    def __init__(
        self,
        language: Language,
        title: str,
        *,
        foot: str = "",
        mark: str = "",
        mask: Callable[[str], str] = str,
    ) -> None:
        """Begin a document.

        Args:
            language: in which it is written: spelling, fonts, the shape of paragraphs.
            title: for the properties of the file.
            foot: a line below the page number.
            mark: a line at the head of every page, such as 取扱注意.
            mask: what every text passes before it is written: it takes out what may not be told.
        """
        import docx

        self.language = language
        self._mask = mask
        self._document = docx.Document(io.BytesIO(blank_document(language)))
        self._is_begun = False
        self._text_width = TEXT_WIDTH_MM
        self._set_up_foot(clean_line(mask(foot)), clean_line(mark))
        properties = self._document.core_properties
        properties.title = clean_line(mask(title), limit=200)
        properties.author = properties.comments = properties.last_modified_by = ""
        properties.language = "ja-JP" if language == "ja" else "en"
        properties.created = properties.modified = datetime.now(UTC)

    # What is written ------------------------------------------------------------------------------

    def title(self, *lines: str) -> None:
        """Write the title, line by line, in the middle of the page."""
        for line in lines:
            self._paragraph(line, "Title")

    def heading(self, text: str, level: int = 1) -> None:
        """Write a heading; 1 is the highest."""
        self._paragraph(text, f"Heading {level}")

    def text(self, text: str) -> None:
        """Write sentences; each line is a paragraph."""
        for line in _lines(text):
            paragraph = self._paragraph(line, INDENTED)
            if self.language == "ja" and not line.startswith(_OWN_MARGIN):
                _first_line_indent(paragraph)

    def prose(self, text: str) -> None:
        """Write what others wrote: a line that ends within a sentence goes on in the next."""
        self.text(unwrapped(text, self.language))

    def item(self, text: str) -> None:
        """Write one of a list."""
        mark = "・" if self.language == "ja" else "• "
        for number, line in enumerate(_lines(text)):
            self._paragraph(line if number else f"{mark}{line}", ITEM)

    def caption(self, text: str) -> None:
        """Write what stands above a table or a picture."""
        self._paragraph(text, CAPTION)

    def remark(self, text: str, *, keep: bool = False) -> None:
        """Write what is small print; `keep` it on one page with what follows."""
        for line in _lines(text):
            self._paragraph(line, REMARK).paragraph_format.keep_with_next = keep

    def right(self, text: str) -> None:
        """Write a line at the right margin, as a date or the writer stands in a letter."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        self._paragraph(text, "Normal").alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def letter(self, text: str) -> None:
        """Write the text of a mail in a frame, as it is, with its empty lines."""
        for line in clean(text).strip("\n").split("\n"):
            self._paragraph(line, LETTER)

    def table(
        self,
        head: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        right: Sequence[int] = (),
        shares: Sequence[float] | None = None,
        tall: bool = False,
    ) -> None:
        """Write a table whose head is repeated on every page.

        Args:
            head: names of the columns; none for a table without a head.
            rows: as long as `head`.
            right: columns (from 0) that are set to the right.
            shares: how wide each column is of the whole; by what is in them if None.
            tall: leave room to write in by hand.
        """
        from docx.oxml.parser import parse_xml

        cleaned = [[clean(self._mask(cell), limit=4_000) for cell in row] for row in rows]
        titles = [clean_line(self._mask(name)) for name in head]
        if not cleaned and not titles:
            return
        widths = _widths([titles, *cleaned] if titles else cleaned, shares, self._text_width)
        xml = "".join(_table_xml(titles, cleaned, widths, frozenset(right), tall=tall))
        body = self._document.element.body
        body.insert_element_before(parse_xml(xml), "w:sectPr")
        self._is_begun = True
        self._paragraph("", TABLE)  # Two tables without a paragraph between them become one.

    def picture(self, png: bytes, alternative: str) -> None:
        """Put in a picture as wide as the page, with the words that stand for it."""
        from docx.shared import Mm

        paragraph = self._paragraph("", "Normal")
        run = paragraph.add_run()
        shape = run.add_picture(io.BytesIO(png), width=Mm(self._text_width))
        if shape.height > Mm(_PICTURE_HEIGHT_MM):
            shape.width = round(shape.width * Mm(_PICTURE_HEIGHT_MM) / shape.height)
            shape.height = Mm(_PICTURE_HEIGHT_MM)
        shape._inline.docPr.set("descr", clean_line(self._mask(alternative), limit=250))

    def new_page(self) -> None:
        """Go on at the top of the next page; an empty document has begun already."""
        if self._is_begun:
            from docx.enum.text import WD_BREAK

            self._paragraph("", TABLE).add_run().add_break(WD_BREAK.PAGE)

    def turn(self) -> None:
        """Go on across (landscape), on pages of their own, to the end of the document."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Mm

        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm((297 - ACROSS_WIDTH_MM) / 2)
        section.top_margin = section.bottom_margin = Mm(20)
        self._text_width = ACROSS_WIDTH_MM

    def as_bytes(self) -> bytes:
        """Return the file."""
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _paragraph(self, text: str, style: str) -> Any:
        self._is_begun = True
        paragraph = self._document.add_paragraph(clean(self._mask(text)))
        if style != "Normal":
            # By its id: python-docx looks through all styles for a name, for every paragraph.
            paragraph._p.style = style_id(style)
        return paragraph

    # How it looks ---------------------------------------------------------------------------------

    def _set_up_foot(self, foot: str, mark: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        section = self._document.sections[0]
        if mark:
            line: Any = section.header.paragraphs[0]
            line.text, line.alignment = mark, WD_ALIGN_PARAGRAPH.RIGHT
            line._p.style = style_id(REMARK)
        number = section.footer.paragraphs[0]
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        number.add_run("- ")
        _page_number(number.add_run())
        number.add_run(" -")
        if foot:
            line = section.footer.add_paragraph(foot)
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line._p.style = style_id(REMARK)


def unwrapped(text: str, language: Language) -> str:
    """Return `text` with sentences on one line that its author wrapped."""
    return _WRAPPED.sub("" if language == "ja" else " ", clean(text))


def _lines(text: str) -> Iterator[str]:
    return (line.rstrip() for line in clean(text).split("\n") if line.strip())


def _first_line_indent(paragraph: Any) -> None:
    """Indent the first line by one character: Word counts characters, others take the length."""
    from docx.oxml.ns import qn
    from docx.shared import Mm

    paragraph.paragraph_format.first_line_indent = Mm(3.7)
    paragraph._p.pPr.ind.set(qn("w:firstLineChars"), "100")


def _page_number(run: Any) -> None:
    from docx.oxml.parser import parse_xml

    for part in (
        '<w:fldChar w:fldCharType="begin" {}/>',
        '<w:instrText xml:space="preserve" {}> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate" {}/>',
        "<w:t {}>1</w:t>",
        '<w:fldChar w:fldCharType="end" {}/>',
    ):
        run._r.append(parse_xml(part.format(NAMESPACE)))


def _widths(
    rows: Sequence[Sequence[str]], shares: Sequence[float] | None, text_width: float
) -> list[int]:
    """Return the widths of columns in twentieths of a point; all together as wide as the page."""
    if shares is None:
        shares = _shares(rows, text_width)
    whole = text_width * _TWIPS_PER_MM / sum(shares)
    return [round(share * whole) for share in shares]


def _shares(rows: Sequence[Sequence[str]], text_width: float) -> list[float]:
    """Return how wide each column should be: no word is broken, and long lines give way."""
    wanted, least = [], []
    for column in zip(*rows, strict=True):
        longest = min(max(map(_widest, column)), _COLUMN_MOST)
        word = min(max(map(_longest_word, column)), longest)
        wanted.append(longest * _LETTER_MM + _CELL_MARGINS_MM)
        least.append(word * _LETTER_MM + _CELL_MARGINS_MM)
    room = text_width - sum(least)
    more = sum(wanted) - sum(least)
    if room <= 0 or more <= 0:
        return least
    if more <= room:
        return wanted
    return [a + (b - a) * room / more for a, b in zip(least, wanted, strict=True)]


def _widest(cell: str) -> int:
    return max((width(line) for line in cell.split("\n")), default=0)


def _longest_word(cell: str) -> int:
    """Return how wide a cell has to be: for its longest word, and a few Japanese characters."""
    return max(min(_widest(cell), _SOME_LETTERS), *map(width, _BREAKABLE.split(cell)))


def _table_xml(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    right: frozenset[int],
    *,
    tall: bool,
) -> Iterator[str]:
    """Yield a table as XML: some hundred times as fast as cell by cell in long tables."""
    yield f'<w:tbl {NAMESPACE}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
    yield f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
    yield '<w:tblCellMar><w:top w:w="28" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
    yield '<w:bottom w:w="28" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
    yield '<w:tblLook w:val="0020" w:firstRow="1"/></w:tblPr><w:tblGrid>'
    yield from (f'<w:gridCol w:w="{each}"/>' for each in widths)
    yield "</w:tblGrid>"
    if head:
        yield "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="E7E6E6"/>'
        for text, each in zip(head, widths, strict=True):
            yield _cell_xml(text, each, style_id(TABLE_HEAD), "center", shade)
        yield "</w:tr>"
    height = f'<w:trHeight w:val="{round(_ROW_MM * _TWIPS_PER_MM)}"/>' if tall else ""
    for row in rows:
        yield f"<w:tr><w:trPr><w:cantSplit/>{height}</w:trPr>"
        for number, (text, each) in enumerate(zip(row, widths, strict=True)):
            yield _cell_xml(text, each, style_id(TABLE), "right" if number in right else "", "")
        yield "</w:tr>"
    yield "</w:tbl>"


def _cell_xml(text: str, twips: int, style: str, align: str, shade: str) -> str:
    jc = f'<w:jc w:val="{align}"/>' if align else ""
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{jc}</w:pPr><w:r>'
        f'<w:t xml:space="preserve">{escape(line, quote=False)}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{twips}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/>'
        f"</w:tcPr>{paragraphs}</w:tc>"
    )
