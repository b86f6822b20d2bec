"""UCI credit card accounts: one row becomes a credit line, six statements, its payments and the observed label.

Belongs here: what the columns of the UCI table mean. Does not: the checks of the contract. Traps and decisions:
ingestion/samples/uci_credit_card/README.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from ingestion.adapters.header import refuse_other_columns
from ingestion.adapters.source import Mapped, Source
from ingestion.parsing import ROW_NUMBER
from warehouse.contracts.risk import OUTCOMES
from warehouse.contracts.servicing import EVENTS, LOANS, STATEMENTS

# The n-th column of each kind, newest first; there is no PAY_1.
MONTHS = (
    (date(2005, 9, 30), "PAY_0", "1"),
    (date(2005, 8, 31), "PAY_2", "2"),
    (date(2005, 7, 31), "PAY_3", "3"),
    (date(2005, 6, 30), "PAY_4", "4"),
    (date(2005, 5, 31), "PAY_5", "5"),
    (date(2005, 4, 30), "PAY_6", "6"),
)
LABEL_ON = date(2005, 10, 31)
COLUMNS = (
    *("ID", "LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
    *(status for _, status, _ in MONTHS),
    *(f"BILL_AMT{n}" for _, _, n in MONTHS),
    *(f"PAY_AMT{n}" for _, _, n in MONTHS),
    "Default",
)
TABLES = (LOANS, EVENTS, STATEMENTS, OUTCOMES)


def mapped(path: Path, received: pl.DataFrame) -> tuple[Mapped, ...]:
    """Loans, payments (PAY_AMT > 0), statements and outcomes; of the monthly ones, six numbers belong to a file row."""
    refuse_other_columns(received.columns, COLUMNS, COLUMNS)
    number = pl.col("ID").cast(pl.String).str.strip_chars().str.zfill(5)
    rows = received.with_columns(pl.format("UCI-{}", number).alias("loan_id"), pl.lit("TWD").alias("currency"))
    payments = _by_month(rows, _payment)
    is_nothing = (pl.col(":paid") <= 0).fill_null(False)
    unpaid = int(payments.select(is_nothing.sum()).item())
    why = "months without a payment"
    return (
        Mapped(LOANS, rows.select(_loan())),
        Mapped(EVENTS, payments.filter(~is_nothing), (), unpaid, why, rows_of_each=len(MONTHS)),
        Mapped(STATEMENTS, _by_month(rows, _statement), rows_of_each=len(MONTHS)),
        Mapped(OUTCOMES, rows.select(_outcome())),
    )


def _by_month(rows: pl.DataFrame, select: Callable[[date, str, str], list[pl.Expr]]) -> pl.DataFrame:
    """One row per account and month, oldest month first: rows 6n-5 to 6n come from row n of the file."""
    parts = [
        rows.with_columns((pl.col(ROW_NUMBER).cast(pl.Int64) - 1) * len(MONTHS) + place).select(select(*month))
        for place, month in enumerate(reversed(MONTHS), 1)
    ]
    return pl.concat(parts, how="vertical_relaxed").sort(ROW_NUMBER)


def _loan() -> list[pl.Expr]:
    return [
        pl.col(ROW_NUMBER, "loan_id", "currency"),
        # The bank did not say which branch keeps an account.
        pl.lit("UCI-UNKNOWN").alias("branch_id"),
        pl.lit("UCI").alias("entity_id"),
        pl.lit("CREDIT_CARD").alias("product_code"),
    ]


def _payment(month_end: date, status: str, n: str) -> list[pl.Expr]:
    return [
        pl.col(ROW_NUMBER, "loan_id", "currency"),
        pl.format("{}-PAY-" + month_end.strftime("%Y-%m"), "loan_id").alias("event_id"),
        pl.lit("payment").alias("event_type_code"),
        # The day inside the month is not known: the month's last day makes no payment earlier than it was.
        pl.lit(month_end).alias("value_on"),
        pl.col(f"PAY_AMT{n}").alias("amount"),
        pl.lit("UNKNOWN").alias("payment_channel_code"),
        pl.col(f"PAY_AMT{n}").cast(pl.Float64, strict=False).alias(":paid"),
    ]


def _statement(month_end: date, status: str, n: str) -> list[pl.Expr]:
    return [
        pl.col(ROW_NUMBER, "loan_id", "currency"),
        pl.lit(month_end).alias("statement_on"),
        pl.col("LIMIT_BAL").alias("credit_limit"),
        pl.col(f"BILL_AMT{n}").alias("amount_billed"),
        pl.col(f"PAY_AMT{n}").alias("amount_paid"),
        pl.col(status).alias("repayment_status"),
    ]


def _outcome() -> list[pl.Expr]:
    label = pl.col("Default").cast(pl.String).str.strip_chars()
    return [
        pl.col(ROW_NUMBER, "loan_id", "currency"),
        label.replace({"1": "DEFAULTED", "0": "NOT_DEFAULTED"}).alias("outcome_code"),
        pl.lit(LABEL_ON).alias("outcome_on"),
    ]


SOURCE = Source(
    "uci_credit_card",
    "credit card accounts, Taiwan 2005: credit lines, statements, payments, default next month",
    tables=lambda path: TABLES,
    columns=lambda path: COLUMNS,
    mapped=mapped,
    sample=Path(__file__).resolve().parent.parent / "samples" / "uci_credit_card",
)
