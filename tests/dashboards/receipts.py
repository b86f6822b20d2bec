"""What the small lake received and what was checked: deliveries good and bad, refused rows, verdicts.

Belongs here: rows of batches, quarantine and check_results. Does not: the books (books.py).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

RECEIVED_AT = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
MONEY = pl.Decimal(18, 2)


def batches() -> pl.DataFrame:
    """One row a file and table: taken in, partly taken in, known already, unreadable."""
    rows = [
        _batch(1, "portfolio", "branches", "branches.csv", 3, 3, 0, 0),
        _batch(2, "portfolio", "applications", "applications.parquet", 5_210, 5_210, 0, 0, "amount_requested"),
        _batch(3, "portfolio", "loans", "loans.csv", 426, 420, 6, 0, "principal"),
        _batch(4, "portfolio", "events", "events_2026-10.xlsx", 1_904, 1_896, 8, 0, "amount"),
        _batch(5, "portfolio", "events", "events_2026-10 (copy).xlsx", 1_904, 0, 8, 1_896, "amount"),
        _batch(6, "sba_national", "loans", "sba_loans.parquet", 300, 300, 0, 0, "principal"),
        _batch(7, "uci_credit_card", "statements", "uci_credit_card.csv", 720, 720, 0, 0, "amount_billed"),
        _batch(8, "portfolio", None, "payments_final_v2.xlsx", 0, 0, 0, 0),
    ]
    schema = {f"control_total_{what}": MONEY for what in ("received", "accepted", "quarantined", "already_known")}
    return pl.DataFrame(rows, schema_overrides=schema)


def _batch(
    number: int,
    source: str,
    table: str | None,
    file_name: str,
    received: int,
    accepted: int,
    quarantined: int,
    known: int,
    control: str | None = None,
) -> dict[str, Any]:
    status = "PARTLY" if quarantined else "ACCEPTED" if accepted else "KNOWN"
    if table is None:
        status = "REJECTED"
    counts = {"received": received, "accepted": accepted, "quarantined": quarantined, "already_known": known}
    totals = {f"control_total_{what}": Decimal(rows * 12_345) if control else None for what, rows in counts.items()}
    message = "two header rows; keep one row of column names above the data" if table is None else None
    return {
        "batch_id": f"{number:064x}",
        "table_name": table,
        "source": source,
        "file_name": file_name,
        "status_code": status,
        **{f"rows_{what}": rows for what, rows in counts.items()},
        "control_column": control,
        **totals,
        "message": message,
        "received_at": RECEIVED_AT + timedelta(minutes=number),
    }


def quarantine() -> pl.DataFrame:
    """Refused rows with their reasons; one of them was accepted later."""
    reasons = [
        ("loans", "loans.csv", "principal", "-45000.00", "must be at least 0.01"),
        ("loans", "loans.csv", "disbursed_on", "2027-03-14", "must not be after the day of receipt"),
        ("loans", "loans.csv", "application_id", "AP-99121", "no such application_id in applications"),
        ("events", "events_2026-10.xlsx", "amount", "12,50O", "is not a number"),
        ("events", "events_2026-10.xlsx", "loan_id", "LN-88888", "no such loan_id in loans"),
        ("events", "events_2026-10.xlsx", "event_id", "EV-17", "already received with different content"),
    ]
    rows = []
    for number in range(14):
        table, file_name, column, value, reason = reasons[number % 3 if number < 6 else 3 + number % 3]
        rows.append(
            {
                "batch_id": f"{3 if table == 'loans' else 4:064x}",
                "table_name": table,
                "source": "portfolio",
                "file_name": file_name,
                "row_number": 11 + number * 7,
                "column_name": column,
                "value": value,
                "reason": reason,
                "row": json.dumps({column: value, "currency": "INR"}),
                "received_at": RECEIVED_AT,
                "released_at": RECEIVED_AT + timedelta(hours=2) if number == 13 else None,
            }
        )
    return pl.DataFrame(rows)


def checks() -> pl.DataFrame:
    """Verdicts on three layers, two of them against the claim."""
    claims = [
        ("rows_meet_contract", "bronze/loans", "WARN", False, 6),
        ("rows_meet_contract", "bronze/events", "WARN", False, 8),
        ("rows_meet_contract", "bronze/applications", "WARN", True, 0),
        ("control_totals_agree", "bronze/loans", "ERROR", True, 0),
        ("unique_stg_servicing__loans_loan_id", "silver/stg_servicing__loans", "ERROR", True, 0),
        ("assert_schedules_repay_principal", "silver/contractual_schedules", "ERROR", True, 0),
        ("unique_servicing__loan_latest_loan_id", "gold/servicing__loan_latest", "ERROR", True, 0),
        ("not_null_risk__vintage_monthly_charge_off_rate", "gold/risk__vintage_monthly", "ERROR", True, None),
    ]
    return pl.DataFrame(
        {
            "inputs_hash": "inputs-1",
            "check_name": name,
            "asset": asset,
            "layer": asset.split("/")[0],
            "table_name": asset.split("/")[1],
            "severity_code": severity,
            "is_passed": passed,
            "rows_failed": failed,
            "checked_at": RECEIVED_AT + timedelta(minutes=20),
        }
        for name, asset, severity, passed, failed in claims
    )
