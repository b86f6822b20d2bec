"""Pages of a document: fonts that have Latin and Devanagari, headings, ruled rows whose cells wrap.

Belongs here: layout that every document shares. Does not: what a document says. Equal input gives equal bytes: a
document bears the day it was given, not the moment it was rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

FONTS = Path(__file__).parent / "fonts"
LANGUAGES = ("en", "hi")  # a document's words are pairs in this order
FAMILY = "NotoSansDevanagari"
MARGIN, WIDTH = 15.0, 180.0  # millimetres of A4
LINE, PADDING = 4.3, 0.9
SIZE = 8.5
INK, RULE, SHADE = (25, 32, 44), (150, 158, 170), (236, 240, 245)


@dataclass(frozen=True)
class Cell:
    """A text in a row; width: its share of the row; align: L, C or R."""

    text: str
    width: float
    align: str = "L"
    is_bold: bool = False
    is_shaded: bool = False


class Page(FPDF):
    """An A4 document under construction; `footer_text` stands on each page beside its number."""

    def __init__(self, title: str, footer_text: str, dated_on: date, language: str) -> None:
        super().__init__(format="A4")
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(FAMILY, style, FONTS / f"{FAMILY}-{name}.ttf")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN + 4)
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Lendhouse")
        self.set_creation_date(datetime(dated_on.year, dated_on.month, dated_on.day, tzinfo=UTC))
        self.footer_text = footer_text
        self.set_draw_color(*RULE)
        self.set_line_width(0.15)
        self.add_page()
        self.write_line(title, 15, is_bold=True)

    def footer(self) -> None:
        """The document's name and the page's number; called by the library."""
        self.set_y(-MARGIN)
        self._ink(7, text=self.footer_text)
        self.cell(WIDTH - 25, LINE, self.footer_text)
        self.cell(25, LINE, f"{self.page_no()} / {{nb}}", align="R")

    def write_line(self, text: str, size: float = SIZE, is_bold: bool = False) -> None:
        """A paragraph over the whole width."""
        self._ink(size, is_bold, text)
        self.multi_cell(WIDTH, size * 0.54, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        """A heading with room above, kept together with the row below it."""
        if self.will_page_break(22):
            self.add_page()
        self.ln(3)
        self.write_line(text, 10.5, is_bold=True)
        self.ln(1)

    def row(self, cells: Sequence[Cell], header: Sequence[Cell] = ()) -> None:
        """One ruled row; where it does not fit it goes to a new page, below the header once more."""
        height = self._height(cells)
        if self.will_page_break(height):
            self.add_page()
            if header:
                self.row(header)
        left, top = self.l_margin, self.get_y()
        for cell in cells:
            width = cell.width * WIDTH
            self.rect(left, top, width, height, style=self._shade(cell))
            self.set_xy(left, top + PADDING)
            self._write(cell, width)
            left += width
        self.set_xy(self.l_margin, top + height)

    def ruled_table(self, header: Sequence[Cell], rows: Sequence[Sequence[str]], total: Sequence[str] = ()) -> None:
        """A header, repeated on each page, and rows of texts in its widths and alignments."""
        shaded = [Cell(one.text, one.width, one.align, True, True) for one in header]
        self.row(shaded)
        for texts in rows:
            self.row([Cell(text, one.width, one.align) for text, one in zip(texts, header, strict=True)], shaded)
        if total:
            self.row([Cell(text, one.width, one.align, True) for text, one in zip(total, header, strict=True)], shaded)

    def finished(self) -> bytes:
        """The finished document."""
        return bytes(self.output())

    def _write(self, cell: Cell, width: float) -> None:
        is_one_line = self._lines(cell) == 1
        if is_one_line:
            self.cell(width, LINE, cell.text, align=cell.align)
        else:
            self.multi_cell(width, LINE, cell.text, align=cell.align)

    def _height(self, cells: Sequence[Cell]) -> float:
        return max(self._lines(cell) for cell in cells) * LINE + 2 * PADDING

    def _lines(self, cell: Cell) -> int:
        self._ink(SIZE, cell.is_bold, cell.text)
        width = cell.width * WIDTH
        if "\n" not in cell.text and self.get_string_width(cell.text) < width - 2 * self.c_margin - 0.5:
            return 1
        wrapped = self.multi_cell(width, LINE, cell.text, dry_run=True, output=MethodReturnValue.LINES)
        return len(wrapped)  # type: ignore[arg-type]

    def _shade(self, cell: Cell) -> str:
        if not cell.is_shaded:
            return "D"
        self.set_fill_color(*SHADE)
        return "DF"

    def _ink(self, size: float, is_bold: bool = False, text: str = "") -> None:
        """The font for a text; only Devanagari is shaped, which takes most of the time.

        The script is named, because by itself the shaper takes that of the first letter, and "APR" is Latin.
        """
        is_devanagari = any("\u0900" <= letter <= "\u097f" for letter in text)
        self.set_text_shaping(is_devanagari, script="Deva", language="hi", direction="ltr")
        self.set_font(FAMILY, "B" if is_bold else "", size)
        self.set_text_color(*INK)
