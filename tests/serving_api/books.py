"""A small published lake for the API to read. Belongs here: loans in the shape of the mart, made by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from warehouse.bronze import create_sql, ensure_bronze
from warehouse.contracts.servicing import LOAN_LATEST
from warehouse.lake import Closing, Lake

AS_OF = date(2026, 10, 31)
ACTIVE: dict[str, Any] = {
    "loan_id": "L1",
    "application_id": "A1",
    "customer_id": "C1",
    "branch_id": "B1",
    "entity_id": "E1",
    "product_code": "PERSONAL",
    "currency": "INR",
    "scheme_code": "S1",
    "principal": Decimal("100000.00"),
    "disbursed_on": date(2025, 1, 15),
    "annual_rate": Decimal("0.120000"),
    "installments": 12,
    "installment_amount": Decimal("8884.88"),
    "as_of": AS_OF,
    "status_code": "ACTIVE",
    "principal_outstanding": Decimal("61234.56"),
    "total_overdue": Decimal("0.00"),
    "dpd": 0,
    "dpd_bucket_code": "0",
    "months_past_due": 0,
    "payments_received": Decimal("44424.40"),
    "last_paid_on": date(2026, 10, 15),
    "outcome_code": None,
    "outcome_on": None,
    "principal_charged_off": None,
    "source": "portfolio",
}
CARD = {**dict.fromkeys(ACTIVE), "loan_id": "CARD-1", "currency": "TWD", "product_code": "CREDIT_CARD", "as_of": AS_OF}
CARD |= {"branch_id": "B1", "entity_id": "UCI", "status_code": "UNKNOWN", "source": "uci_credit_card"}
LOANS = [
    ACTIVE,
    {**ACTIVE, "loan_id": "L2", "status_code": "CLOSED", "principal_outstanding": Decimal("0.00")},
    {**ACTIVE, "loan_id": "L3", "status_code": "WRITTEN_OFF"},
    {**ACTIVE, "loan_id": "HL/MUM/7"},
    {**ACTIVE, "loan_id": "YEN", "currency": "JPY"},
    CARD,
]


def publish_loans(lake: Lake, loans: list[dict[str, Any]] | None = None, inputs_hash: str = "first") -> Closing:
    """Write these loans as the loan mart and publish it, as the end of a build does."""
    with lake.open_writer("test build") as writer:
        ensure_bronze(writer)
        # One commit, as each costs as much as ten statements; the lock that is held lets nobody disturb it.
        writer.begin()
        writer.execute(f"drop table if exists lake.{LOAN_LATEST.qualified}")
        writer.execute(create_sql(LOAN_LATEST))
        _append(writer, LOAN_LATEST.qualified, pl.DataFrame(loans or LOANS, schema=LOAN_LATEST.polars_schema()))
        if not writer.execute("select count(*) from lake.bronze.customers").fetchone()[0]:  # type: ignore[index]
            writer.execute("insert into lake.bronze.customers by name select 'C1' as customer_id")
            _land_loans(writer, loans or LOANS)
        writer.commit()
        return lake.publish(writer, AS_OF, inputs_hash, "test")


def _land_loans(writer: duckdb.DuckDBPyConnection, loans: list[dict[str, Any]]) -> None:
    """The loans as bronze has them, for what refers to them."""
    for loan in loans:
        writer.execute(
            "insert into lake.bronze.loans by name select ? as loan_id, ? as currency, 'portfolio' as source",
            [loan["loan_id"], loan["currency"]],
        )


def _append(writer: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    writer.register("frame_to_append", frame.to_arrow())
    writer.execute(f"insert into lake.{table} by name select * from frame_to_append")
    writer.unregister("frame_to_append")
