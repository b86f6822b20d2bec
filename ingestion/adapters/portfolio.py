"""A lender's own book in our layout: files named, or in folders named, by the table they feed.

Belongs here: how a file says which table it is for. Does not: any mapping; the columns are the contract's.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from ingestion.adapters.header import refuse_other_columns
from ingestion.adapters.source import Mapped, Source
from ingestion.files import Unreadable
from warehouse.contracts import registry
from warehouse.contracts.table import Table


def table_of(path: Path) -> Table | None:
    """The table that loans.csv, loans_2026-10.xlsx or loans/part-0001.parquet feeds; None when no name says it."""
    for name in (path.stem, path.parent.name):
        for table in sorted(registry.BRONZE, key=lambda t: -len(t.name)):
            if re.fullmatch(rf"{table.name}(?:[-_. ].*)?", name, re.IGNORECASE):
                return table
    return None


def tables(path: Path) -> tuple[Table, ...]:
    table = table_of(path)
    return (table,) if table else ()


def columns(path: Path) -> tuple[str, ...]:
    return tuple(field.name for table in tables(path) for field in table.fields)


def mapped(path: Path, received: pl.DataFrame) -> tuple[Mapped, ...]:
    """The file's rows under the names they have; a missing or unknown column refuses the file."""
    table = table_of(path)
    if table is None:
        names = ", ".join(t.name for t in registry.BRONZE)
        raise Unreadable(f"the name does not say what the file holds; let it begin with one of: {names}")
    required = [field.name for field in table.fields if table.is_required(field.name)]
    refuse_other_columns(received.columns, required, columns(path))
    return (Mapped(table, received),)


SOURCE = Source(
    "portfolio",
    "a lender's own book: files named by table (loans.csv, events/part-0001.parquet)",
    tables=tables,
    columns=columns,
    mapped=mapped,
)
