"""A small book of loans put into bronze by hand, for the tests of books and marts.

Belongs here: writing dictionaries into bronze tables. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import polars as pl

from warehouse.bronze import ensure_bronze
from warehouse.contracts import registry

OURS = {"branch_id": "B1", "entity_id": "E1", "product_code": "PERSONAL", "currency": "INR"}
SBA = {"branch_id": "SBA-CA", "entity_id": "SBA", "product_code": "SBA_7A", "currency": "USD"}
CARDS = {"branch_id": "UCI-1", "entity_id": "UCI", "product_code": "CREDIT_CARD", "currency": "TWD"}


def put(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]], source: str) -> None:
    """Append rows to a bronze table; columns left out are null, those of receipt are filled in."""
    ensure_bronze(connection)
    schema = registry.bronze(table).polars_schema()
    receipt = {"source": source, "batch_id": "b1", "row_hash": "h", "received_at": "2026-04-01T00:00:00+00:00"}
    filled = [receipt | {"row_number": number} | row for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(
        [{name: str(value) for name, value in row.items()} for row in filled], infer_schema_length=None
    )
    connection.register("rows_of_test", frame.to_arrow())
    columns = ", ".join(f"cast({name} as {_sql(table, name)}) as {name}" for name in frame.columns)
    connection.execute(f"insert into lake.bronze.{table} by name select {columns} from rows_of_test")
    connection.unregister("rows_of_test")
    assert set(frame.columns) <= set(schema)


def _sql(table: str, column: str) -> str:
    return next(f.type.sql for f in registry.bronze(table).stored_fields() if f.name == column)


def payment(event_id: str, loan_id: str, value_on: str, amount: str, kind: str = "payment") -> dict[str, Any]:
    return {
        "event_id": event_id,
        "loan_id": loan_id,
        "event_type_code": kind,
        "value_on": value_on,
        "amount": amount,
        "currency": "INR",
    }
