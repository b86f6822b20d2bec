"""An answer as a file: CSV, XLSX or Parquet, written in batches and put in place whole.

Belongs here: file formats of answers. Does not: which query was asked (lake.py).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from orchestration.cli.output import as_text, refuse

BATCH_ROWS = 50_000
SHEET_ROWS = 1_048_575  # of an XLSX sheet, without its header


def export(answer: duckdb.DuckDBPyConnection, form: str, out: Path | None, limit: int | None) -> int:
    """Write the answer to out (CSV: to standard output when out is None); how many rows. A failure leaves no file."""
    if out is None:
        return _csv(answer, sys.stdout, limit)
    part = out.with_name(f".{out.name}.part")
    try:
        rows = _write(answer, form, part, limit)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _write(answer: duckdb.DuckDBPyConnection, form: str, part: Path, limit: int | None) -> int:
    if form == "csv":
        with part.open("w", newline="", encoding="utf-8") as file:
            return _csv(answer, file, limit)
    if form == "xlsx":
        return _xlsx(answer, part, limit)
    return _parquet(answer, part, limit)


def _rows(answer: duckdb.DuckDBPyConnection, limit: int | None) -> Iterator[tuple[Any, ...]]:
    def every() -> Iterator[tuple[Any, ...]]:
        while batch := answer.fetchmany(BATCH_ROWS):
            yield from batch

    return islice(every(), limit)


def _csv(answer: duckdb.DuckDBPyConnection, file: io.TextIOBase | Any, limit: int | None) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column[0] for column in answer.description])
    count = 0
    for count, row in enumerate(_rows(answer, limit), start=1):  # noqa: B007
        writer.writerow([as_text(value, is_exact=True) for value in row])
    return count


def _xlsx(answer: duckdb.DuckDBPyConnection, part: Path, limit: int | None) -> int:
    import xlsxwriter

    # Text stays text: a name that begins with "=" must not become a formula in the reader's hands.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(part), options) as book:
        sheet = book.add_worksheet("answer")
        bold, plain = book.add_format({"bold": True}), None
        money = book.add_format({"num_format": "#,##0.00"})
        day, instant = (book.add_format({"num_format": text}) for text in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        sheet.write_row(0, 0, [column[0] for column in answer.description], bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(_rows(answer, limit), start=1):
            if count > SHEET_ROWS:
                refuse(f"an XLSX sheet holds {SHEET_ROWS} rows; use --limit, or --format csv or parquet")
            for index, value in enumerate(row):
                if isinstance(value, bool):
                    sheet.write_boolean(count, index, value)
                elif isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
                    sheet.write(count, index, value)
                elif isinstance(value, Decimal):
                    sheet.write_number(count, index, value, money if value.as_tuple().exponent == -2 else plain)
                elif isinstance(value, datetime):
                    sheet.write_datetime(count, index, value.replace(tzinfo=None), instant)
                elif isinstance(value, date):
                    sheet.write_datetime(count, index, value, day)
                elif value is not None:
                    sheet.write_string(count, index, as_text(value, is_exact=True))
    return count


def _parquet(answer: duckdb.DuckDBPyConnection, part: Path, limit: int | None) -> int:
    import pyarrow.parquet as pq

    reader = answer.to_arrow_reader(BATCH_ROWS)
    count = 0
    with pq.ParquetWriter(part, reader.schema, compression="zstd") as writer:
        for batch in reader:
            kept = batch if limit is None else batch.slice(0, max(limit - count, 0))
            writer.write_batch(kept)
            count += kept.num_rows
            if limit is not None and count >= limit:
                break
    return count
