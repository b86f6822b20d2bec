"""Received files as frames: CSV, XLSX, JSON lines and Parquet, with the number of each row.

Belongs here: formats, and what is wrong with a file as a whole. Does not: what its columns mean (adapters/) or whether
a value is right (gate.py). Text formats give text: the contract says what a column is, never a guess from values.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import polars as pl

from ingestion.masking import safe_name
from ingestion.parsing import ROW_NUMBER

TEMPORARY_SUFFIXES = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp")
TEMPORARY_PREFIXES = ("~$", ".")
_CHUNK = 1 << 20


class Unreadable(Exception):
    """The file as a whole cannot be taken in; the message says why and what to do, and holds no value of a row."""


class StillWritten(Exception):
    """The file changed while it was read; nothing of it was taken in."""


def refuse_changed(path: Path, before: os.stat_result) -> None:
    """Raise StillWritten when the file is not what it was before it was read."""
    now = path.stat()
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise StillWritten(f"{safe_name(path.name)} is still being written; try again when it is complete")


def is_temporary(path: Path) -> bool:
    """Whether the name says that some program is still writing the file, or keeps it for itself."""
    return path.name.lower().endswith(TEMPORARY_SUFFIXES) or path.name.startswith(TEMPORARY_PREFIXES)


def is_supported(path: Path) -> bool:
    return path.suffix.lower() in READERS


def sha256(path: Path) -> str:
    """The file's identity: equal bytes are one batch."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read(path: Path, known: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a file with row_number, the first data row being 1; text formats give text columns.

    known: column names that may be expected; they serve to tell a header from what stands above it. Raises Unreadable.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Unreadable(f"{path.suffix or 'no suffix'} is not a known format; send CSV, XLSX, JSON lines or Parquet")
    if path.stat().st_size == 0:
        raise Unreadable("the file is empty (0 bytes); send it again")
    frame = reader(path, known)
    if ROW_NUMBER in frame.columns:
        raise Unreadable(f"the column {ROW_NUMBER} is ours; rename or remove it, and send the file again")
    return frame.with_row_index(ROW_NUMBER, 1)


def _read_csv(path: Path, known: Sequence[str]) -> pl.DataFrame:
    header = _csv_header(path)
    _refuse_bad_header(header)
    columns = dict.fromkeys(header, "varchar")
    try:
        # DuckDB, because it refuses a row with too few or too many fields, and says which line it is.
        return duckdb.read_csv(
            str(path),
            header=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            columns=columns,
            auto_detect=False,
            strict_mode=True,
            null_padding=False,
            encoding="utf-8",
        ).pl()
    except duckdb.Error as error:
        raise Unreadable(f"the CSV is broken{_line_of(error)}; mend it or export it again") from None


def _csv_header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, strict=True), [])
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8 text; save it as CSV UTF-8") from None
    except csv.Error:
        raise Unreadable("the first line is not a CSV header; mend it or export the file again") from None
    names = [name.strip() for name in header]
    if len(names) == 1 and any(mark in names[0] for mark in (";", "\t", "|")):
        raise Unreadable("columns must be separated by commas; export the file again with commas")
    return names


def _line_of(error: duckdb.Error) -> str:
    """` at line 7: too few fields` from DuckDB's message, which goes on to quote the row and so is not repeated."""
    text = str(error)
    line = text.partition("Line: ")[2].split("\n")[0].strip()
    kinds = {
        "Expected Number of Columns": "its number of fields is not that of the header",
        "unterminated quote": "a quotation mark is not closed",
        "Value with unterminated": "a quotation mark is not closed",
        "utf-8": "it is not UTF-8 text",
        "Invalid unicode": "it is not UTF-8 text",
    }
    kind = next((meaning for sign, meaning in kinds.items() if sign.lower() in text.lower()), "")
    return (f" at line {line}" if line.isdigit() else "") + (f": {kind}" if kind else "")


def _refuse_bad_header(header: Sequence[str]) -> None:
    if not any(header):
        raise Unreadable("the first line must name the columns, and it is empty")
    if "" in header:
        raise Unreadable(f"column {list(header).index('') + 1} has no name; name it or remove it")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise Unreadable(f"the column {twice[0]} is there twice; remove one of them")


def _read_xlsx(path: Path, known: Sequence[str]) -> pl.DataFrame:
    import fastexcel

    try:
        workbook = fastexcel.read_excel(path)
        sheets = [workbook.load_sheet(name, header_row=None, dtypes="string") for name in workbook.sheet_names]
        # A chart on a sheet of its own, and a sheet nobody wrote on, hold no row.
        filled = [sheet for sheet in sheets if sheet.height and sheet.width]
        cells = filled[0].to_polars() if len(filled) == 1 else pl.DataFrame()
    except (fastexcel.FastExcelError, zipfile.BadZipFile, OSError):
        raise Unreadable("the Excel file is broken or protected; save it again as .xlsx without a password") from None
    if not filled:
        raise Unreadable("the workbook is empty; put the rows on its first sheet, with column names in row 1")
    if len(filled) > 1:
        # Reading one and dropping the others would lose rows that somebody believes to have sent.
        named = [f"{sheet.name!r}" + (" (hidden)" if sheet.visible != "visible" else "") for sheet in filled]
        raise Unreadable(
            f"the workbook has {len(filled)} sheets with content, and a file is one table: {', '.join(named)}; "
            "save each sheet as a file of its own named after its table, such as loans.xlsx, and delete what is no data"
        )
    header = ["" if name is None else str(name).strip() for name in cells.row(0)]
    _refuse_two_headers(header, cells, known)
    while header and not header[-1] and cells[:, len(header) - 1].null_count() == cells.height:
        header.pop()
        cells = cells[:, : len(header)]
    _refuse_bad_header(header)
    rows = cells.slice(1).rename(dict(zip(cells.columns, header, strict=True)))
    return rows.filter(~pl.all_horizontal(pl.all().is_null()))


def _refuse_two_headers(header: Sequence[str], cells: pl.DataFrame, known: Sequence[str]) -> None:
    """An Excel made for people: a title or group names above the column names, or labels or units below them."""
    below = [
        ["" if cell is None else str(cell).strip() for cell in cells.row(i)] for i in range(1, min(3, cells.height))
    ]
    in_header = len(set(header) & set(known))
    for offset, row in enumerate(below):
        if len(set(row) & set(known)) > in_header:
            raise Unreadable(
                f"the sheet has two header rows: the column names are in row {offset + 2}; "
                f"delete the row{'s' if offset else ''} above them, so that they are in row 1"
            )
    labels = [cell for cell in (below[0] if below else []) if cell]
    if in_header and len(labels) > 2 and not any(character.isdigit() for cell in labels for character in cell):
        raise Unreadable(
            "the sheet has two header rows: row 2 holds labels, not values; delete it, so that rows start in row 2"
        )


def _read_json_lines(path: Path, known: Sequence[str]) -> pl.DataFrame:
    columns: dict[str, list[str | None]] = {}
    count = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line_number, line in enumerate(file, 1):
                if line.strip():
                    _append(columns, _json_object(line, line_number), count)
                    count += 1
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8 text; save it as UTF-8") from None
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _json_object(line: str, line_number: int) -> dict[str, object]:
    try:
        # Numbers stay as written: a float would already have changed an amount.
        found = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        raise Unreadable(f"line {line_number} is not JSON; write one object a line, and send the file again") from None
    if not isinstance(found, dict):
        raise Unreadable(f'line {line_number} is not a JSON object; write one object a line, such as {{"a": 1}}')
    return found


def _append(columns: dict[str, list[str | None]], row: dict[str, object], count: int) -> None:
    for name, value in row.items():
        columns.setdefault(name, [None] * count).append(_json_text(value))
    for values in columns.values():
        if len(values) == count:
            values.append(None)


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _read_parquet(path: Path, known: Sequence[str]) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise Unreadable("the Parquet file is broken or not complete; write it again") from None


READERS: dict[str, Callable[[Path, Sequence[str]], pl.DataFrame]] = {
    ".csv": _read_csv,
    ".xlsx": _read_xlsx,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
