"""The tables of a bucket as files of the portfolio source: columns of the contracts, written whole or not at all.

Belongs here: turning arrays into the contracts' columns, and writing them. Does not: what the values are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingestion.simulator.text import coded, numbers
from warehouse.contracts import registry
from warehouse.contracts.table import Type

Ints = NDArray[np.int64]
Columns = dict[str, pa.Array]

ARROW: dict[Type, pa.DataType] = {
    Type.MONEY: pa.decimal64(18, 2),
    Type.RATE: pa.decimal32(9, 6),
    Type.COUNT: pa.int64(),
    Type.FLAG: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.INSTANT: pa.timestamp("us", tz="UTC"),
}


def money(paise: Ints, is_null: NDArray[np.bool_] | None = None) -> pa.Array:
    """Amounts in paise as decimals of rupees: the same bytes."""
    return numbers(paise.astype(np.int64), ARROW[Type.MONEY], is_null)


def rate(ppm: Ints) -> pa.Array:
    """Millionths a year as decimals."""
    return numbers(ppm.astype(np.int32), pa.decimal32(9, 6))


def count(values: Ints) -> pa.Array:
    """Whole numbers."""
    return numbers(values.astype(np.int64), pa.int64())


def on(days: Ints, is_null: NDArray[np.bool_] | None = None) -> pa.Array:
    """Days since 1970 as dates."""
    return numbers(days.astype(np.int32), pa.date32(), is_null)


def at(microseconds: Ints) -> pa.Array:
    """Microseconds since 1970 as instants."""
    return numbers(microseconds.astype(np.int64), ARROW[Type.INSTANT])


def constant(value: str, rows: int) -> pa.Array:
    return coded(np.zeros(rows, np.int64), (value,))


def assembled(table_name: str, columns: Columns) -> pa.Table:
    """The columns in the contract's order; those not given are null. Raises ValueError for one the contract lacks."""
    fields = registry.bronze(table_name).fields
    if unknown := set(columns) - {f.name for f in fields}:
        raise ValueError(f"{table_name}: the contract has no {sorted(unknown)}")
    rows = len(next(iter(columns.values())))
    given = {f.name: columns.get(f.name, pa.nulls(rows, ARROW.get(f.type, pa.string()))) for f in fields}
    return pa.table(given)


def write(table: pa.Table, folder: Path, part: int, file_format: str) -> Path:
    """One file of a table; it has its name only once it is whole."""
    path = folder / f"part-{part:05d}.{file_format}"
    unfinished = path.with_suffix(".part")
    folder.mkdir(parents=True, exist_ok=True)
    if file_format == "csv":
        _write_csv(table, unfinished)
    else:
        pq.write_table(table, unfinished, **_parquet_options(table))
    unfinished.replace(path)
    return path


def _parquet_options(table: pa.Table) -> dict[str, Any]:
    """Numbers as differences, repeated text as a dictionary: half the work of the defaults."""
    repeated = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    deltas = [f.name for f in table.schema if pa.types.is_date(f.type) or pa.types.is_timestamp(f.type)]
    deltas += [f.name for f in table.schema if pa.types.is_integer(f.type) or pa.types.is_decimal(f.type)]
    return {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": repeated,
        "column_encoding": dict.fromkeys(deltas, "DELTA_BINARY_PACKED"),
        "store_decimal_as_integer": True,
        "store_schema": False,
    }


def _write_csv(table: pa.Table, path: Path) -> None:
    """Plain text; instants with the offset of India."""
    decimals = {
        f.name: pa.decimal128(f.type.precision, f.type.scale) for f in table.schema if pa.types.is_decimal(f.type)
    }
    wide = pa.table(
        {
            name: column.cast(decimals[name]) if name in decimals
            else column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )  # fmt: skip
    frame = pl.DataFrame(pl.from_arrow(wide))
    instants = pl.selectors.datetime()
    local = instants.dt.convert_time_zone("Asia/Kolkata").dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
    frame.with_columns(local).write_csv(path)
