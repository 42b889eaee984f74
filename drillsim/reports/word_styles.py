"""How our Word documents look: the page, the fonts, and the styles; a blank one as a file.

The blank document is made once a language: setting it up takes longer than writing a page.
"""

import io
from functools import cache
from typing import Any, Final

from drillsim.i18n import Language

_MINCHO: Final = "ＭＳ 明朝"
_GOTHIC: Final = "ＭＳ ゴシック"
_FONTS: Final[dict[Language, tuple[str, str]]] = {
    "ja": (_MINCHO, _GOTHIC),
    "en": ("Times New Roman", "Arial"),
}
"""Latin letters of text and of headings; the Japanese ones are always 明朝 and ゴシック."""

TEXT_WIDTH_MM: Final = 160
"""Between the margins of an A4 page (25 mm left and right)."""
TABLE: Final = "Drill table"
TABLE_HEAD: Final = "Drill table head"
CAPTION: Final = "Caption"
LETTER: Final = "Drill letter"
REMARK: Final = "Drill remark"
INDENTED: Final = "Body Text"
ITEM: Final = "List Paragraph"
NAMESPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@cache
def blank_document(language: Language) -> bytes:
    """Return a document with nothing in it, set up for a language."""
    import docx

    document = docx.Document()
    _Setup(document, language).all()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def style_id(name: str) -> str:
    """Return the id that python-docx gives to a style of its own."""
    return name.replace(" ", "")


class _Setup:
    """Sets one document up."""

    def __init__(self, document: Any, language: Language) -> None:
        self._document = document
        self.language = language

    def all(self) -> None:
        """Do all of it."""
        self._set_up_page()
        self._set_up_fonts()
        self._set_up_styles()

    def _set_up_page(self) -> None:
        from docx.shared import Mm

        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm((210 - TEXT_WIDTH_MM) / 2)
        section.top_margin, section.bottom_margin = Mm(25), Mm(22)
        section.header_distance = section.footer_distance = Mm(11)

    def _set_up_fonts(self) -> None:
        """Let every text be in our fonts; the template's theme would bring its own."""
        from docx.oxml.ns import qn

        styles = self._document.styles.element
        defaults = styles.find(qn("w:docDefaults"))
        text, _heading = _FONTS[self.language]
        for fonts in defaults.iter(qn("w:rFonts")):
            _set_fonts(fonts, text, _MINCHO)
        for language in defaults.iter(qn("w:lang")):
            language.set(qn("w:val"), "en-US")
            language.set(qn("w:eastAsia"), "ja-JP")
        for control in self._document.settings.element.iter(qn("w:characterSpacingControl")):
            control.set(qn("w:val"), "compressPunctuation")
        for style in list(styles.iter(qn("w:style"))):
            # A gallery of a hundred table styles that nobody asked for.
            names = {name.get(qn("w:val")) for name in style.findall(qn("w:name"))}
            if style.get(qn("w:type")) == "table" and not names & {"Normal Table", "Table Grid"}:
                styles.remove(style)

    def _set_up_styles(self) -> None:
        from docx.enum.style import WD_STYLE_TYPE
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        text, heading = _FONTS[self.language]
        self._style("Normal", 10.5, text, _MINCHO, after=0)
        self._style(INDENTED, 10.5, text, _MINCHO, after=2, left=3.7)
        self._style(ITEM, 10.5, text, _MINCHO, after=1, left=7.4, hanging=3.7)
        title = self._style("Title", 14, heading, _GOTHIC, after=6)
        title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _remove_borders(title)
        for level, size, before in ((1, 12, 12), (2, 10.5, 8), (3, 10.5, 6)):
            style = self._style(f"Heading {level}", size, heading, _GOTHIC, before=before, after=3)
            style.font.italic = False
        caption = self._style(CAPTION, 9.5, heading, _GOTHIC, before=6, after=2)
        caption.paragraph_format.keep_with_next = True
        added = self._document.styles.add_style
        for name in (TABLE, TABLE_HEAD, LETTER, REMARK):
            added(name, WD_STYLE_TYPE.PARAGRAPH)
        self._style(TABLE, 9, text, _MINCHO)
        self._style(TABLE_HEAD, 9, heading, _GOTHIC)
        self._style(REMARK, 9, text, _MINCHO, after=2, left=3.7)
        letter = self._style(LETTER, 9.5, text, _MINCHO, left=4)
        letter.paragraph_format.right_indent = Mm(4)
        _frame(letter)

    def _style(
        self,
        name: str,
        size: float,
        latin: str,
        japanese: str,
        *,
        before: float = 0,
        after: float = 0,
        left: float = 0,
        hanging: float = 0,
    ) -> Any:
        """Set a style up: sizes and spaces in points, indents in millimetres."""
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt, RGBColor

        style: Any = self._document.styles[name]
        style.font.size, style.font.bold = Pt(size), False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts(), latin, japanese)
        for spacing in style.element.rPr.findall(qn("w:spacing")):
            style.element.rPr.remove(spacing)
        form = style.paragraph_format
        form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.15
        form.left_indent = Mm(left)
        form.first_line_indent = Mm(-hanging)
        return style


def _set_fonts(fonts: Any, latin: str, japanese: str) -> None:
    from docx.oxml.ns import qn

    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", japanese), ("cs", latin)):
        fonts.set(qn(f"w:{name}"), font)


def _remove_borders(style: Any) -> None:
    from docx.oxml.ns import qn

    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _frame(style: Any) -> None:
    """Draw a thin line round the paragraphs of a style; neighbours share one frame."""
    from docx.oxml.parser import parse_xml

    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="4" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right")
    )
    properties = style.element.get_or_add_pPr()
    borders = parse_xml(f"<w:pBdr {NAMESPACE}>{sides}</w:pBdr>")
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
