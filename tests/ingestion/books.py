"""A small valid book in the portfolio's layout, and ways to write and change it.

Belongs here: rows that the contracts accept. Does not: any expectation of a test.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.landing import Landed
from ingestion.sources import ingest
from transforms.kernels.identifiers import verhoeff_check_digit
from warehouse.lake import Lake

RECEIVED_AT = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)

# Valid by construction and issued to nobody: see aadhaar() for the check digit.
PAN = "ABCPE1234F"
MOBILE = "9876501234"
ACCOUNT = "50100234567891"


def aadhaar(first_11: str = "49872316540") -> str:
    return first_11 + verhoeff_check_digit(first_11)


def branch(**changes: Any) -> dict[str, Any]:
    return {"branch_id": "B1", "entity_id": "E1", "branch_name": "Andheri", "state_code": "MH", **changes}


def customer(**changes: Any) -> dict[str, Any]:
    clear = {"pan": PAN, "aadhaar": aadhaar(), "mobile": MOBILE, "account_number": ACCOUNT}
    return {"customer_id": "C1", "branch_id": "B1", "entity_id": "E1", "currency": "INR", **clear, **changes}


def loan(**changes: Any) -> dict[str, Any]:
    owner = {"branch_id": "B1", "entity_id": "E1", "product_code": "CAR", "currency": "INR"}
    return {"loan_id": "L1", **owner, "principal": "100000.00", "disbursed_on": "2025-01-15", **changes}


def payment(**changes: Any) -> dict[str, Any]:
    return {
        "event_id": "P1",
        "loan_id": "L1",
        "event_type_code": "payment",
        "value_on": "2025-02-15",
        "amount": "8884.88",
        "currency": "INR",
        **changes,
    }


def as_csv(*rows: dict[str, Any]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_csv(*rows), encoding="utf-8")
    return path


def take_in(lake: Lake, path: Path, received_at: datetime = RECEIVED_AT, validate: bool = False) -> list[Landed]:
    return ingest("portfolio", path, lake, received_at, validate=validate)


def query(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    connection: duckdb.DuckDBPyConnection = lake.open_reader(head=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def reasons(lake: Lake) -> list[tuple[Any, ...]]:
    """row_number, column_name, value, reason of everything in quarantine."""
    return query(
        lake,
        'select row_number, column_name, "value", reason from lake.bronze.quarantine '
        "where released_at is null order by all",
    )
