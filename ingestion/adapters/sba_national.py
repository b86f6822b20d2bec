"""SBA loans: one row of the public table becomes an application, a loan and an outcome.

Belongs here: what the columns of the SBA table mean, and which of its known errors are refused. Does not: the checks of
the contract. Traps and decisions: ingestion/samples/sba_national/README.md.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from ingestion.adapters.header import refuse_other_columns
from ingestion.adapters.source import Mapped, Source
from ingestion.parsing import ROW_NUMBER
from warehouse.contracts.origination import APPLICATIONS
from warehouse.contracts.risk import OUTCOMES
from warehouse.contracts.servicing import LOANS
from warehouse.contracts.table import Rule, Table

COLUMNS = (
    "LoanNr_ChkDgt", "City", "State", "Zip", "Bank", "BankState", "NAICS", "ApprovalDate", "ApprovalFY", "Term",
    "NoEmp", "NewExist", "CreateJob", "RetainedJob", "FranchiseCode", "UrbanRural", "RevLineCr", "LowDoc", "ChgOffDate",
    "DisbursementDate", "DisbursementGross", "BalanceGross", "MIS_Status", "ChgOffPrinGr", "GrAppv", "SBA_Appv",
)  # fmt: skip
TABLES = (APPLICATIONS, LOANS, OUTCOMES)

EXTRACT_ENDS = date(2014, 12, 31)
# Approvals were typed days or weeks late (809 rows); a quarter early is another loan's date or another century.
EARLY_DISBURSAL_DAYS = 90

_DISBURSAL_RULES = (
    Rule(
        "disbursed_in_extract",
        ("disbursed_on",),
        pl.col("disbursed_on") <= pl.lit(EXTRACT_ENDS),
        f"after {EXTRACT_ENDS}, the last day the SBA extract can know",
    ),
    Rule(
        "disbursed_after_approval",
        ("disbursed_on",),
        pl.col("disbursed_on") >= pl.col(":approved_on") - pl.duration(days=EARLY_DISBURSAL_DAYS),
        f"more than {EARLY_DISBURSAL_DAYS} days before the approval",
    ),
)
_OUTCOME_RULES = (
    Rule(
        "charged_off_after_disbursal",
        ("outcome_on",),
        pl.col("outcome_on") >= pl.col(":disbursed_on"),
        "charged off before it was disbursed",
    ),
)


def mapped(path: Path, received: pl.DataFrame) -> tuple[Mapped, ...]:
    """Applications (all rows), loans (rows with a disbursement), outcomes (rows with a status or a charge-off date)."""
    refuse_other_columns(received.columns, COLUMNS, COLUMNS)
    rows = received.with_columns(pl.format("SBA-{}", pl.col("LoanNr_ChkDgt").cast(pl.String)).alias(":id"))
    return (
        Mapped(APPLICATIONS, rows.lazy().select(_application()).collect()),
        _part(LOANS, rows, _has_disbursement(), _loan(), _DISBURSAL_RULES, "rows without a disbursement"),
        _part(OUTCOMES, rows, _has_outcome(), _outcome(), _OUTCOME_RULES, "rows without a status or charge-off date"),
    )


def _part(
    table: Table, rows: pl.DataFrame, applies: pl.Expr, columns: list[pl.Expr], rules: tuple[Rule, ...], others: str
) -> Mapped:
    """The rows to which the table applies; the others are counted."""
    left_out = int(rows.select((~applies.fill_null(False)).sum()).item())
    return Mapped(table, rows.lazy().filter(applies).select(columns).collect(), rules, left_out, others)


def _ownership() -> list[pl.Expr]:
    return [
        pl.format("SBA-{}", pl.col("BankState").fill_null("UNKNOWN")).alias("branch_id"),
        pl.lit("SBA").alias("entity_id"),
        pl.lit("SBA_7A").alias("product_code"),
        pl.lit("USD").alias("currency"),
    ]


def _application() -> list[pl.Expr]:
    return [
        pl.col(ROW_NUMBER),
        pl.col(":id").alias("application_id"),
        *_ownership(),
        pl.lit("BRANCH").alias("channel_code"),
        # The table has one date for both: when the application came is not known.
        pl.col("ApprovalDate").alias("applied_on"),
        pl.col("ApprovalDate").alias("decided_on"),
        pl.lit("APPROVED").alias("decision_code"),
        pl.col("GrAppv").alias("amount_requested"),
        pl.col("GrAppv").alias("amount_sanctioned"),
        pl.col("SBA_Appv").alias("amount_guaranteed"),
        pl.col("State").alias("state_code"),
        _zip().alias("postal_code"),
        pl.col("Bank").alias("lender_name"),
        _known_code("NAICS").alias("naics_code"),
        pl.col("NoEmp").alias("employees"),
        pl.col("CreateJob").alias("jobs_created"),
        pl.col("RetainedJob").alias("jobs_retained"),
        _word("NewExist", {"1": False, "2": True}).alias("is_new_business"),
        (pl.col("FranchiseCode").cast(pl.Int64, strict=False) > 1).alias("is_franchise"),
        _word("UrbanRural", {"0": "UNDEFINED", "1": "URBAN", "2": "RURAL"}).alias("urban_rural_code"),
        _word("RevLineCr", {"Y": True, "N": False}).alias("is_revolving"),
        _word("LowDoc", {"Y": True, "N": False}).alias("is_low_doc"),
    ]


def _loan() -> list[pl.Expr]:
    return [
        pl.col(ROW_NUMBER),
        pl.col(":id").alias("loan_id"),
        pl.col(":id").alias("application_id"),
        *_ownership(),
        pl.col("DisbursementGross").alias("principal"),
        pl.col("DisbursementDate").alias("disbursed_on"),
        pl.col("Term").alias("term_months_reported"),
        _day("ApprovalDate").alias(":approved_on"),
    ]


def _outcome() -> list[pl.Expr]:
    is_charged_off = pl.col("MIS_Status").fill_null("CHGOFF") == "CHGOFF"
    return [
        pl.col(ROW_NUMBER),
        pl.col(":id").alias("loan_id"),
        pl.col("MIS_Status").replace({"CHGOFF": "CHARGED_OFF", "P I F": "PAID_IN_FULL"}).alias("outcome_code"),
        # A loan paid in full after a charge-off keeps the charge-off's date in the source; when it was paid is unknown.
        pl.when(is_charged_off).then(pl.col("ChgOffDate")).alias("outcome_on"),
        pl.col("ChgOffPrinGr").alias("principal_charged_off"),
        pl.lit("USD").alias("currency"),
        _day("DisbursementDate").alias(":disbursed_on"),
    ]


def _has_disbursement() -> pl.Expr:
    gross = pl.col("DisbursementGross").cast(pl.Float64, strict=False)
    return pl.col("DisbursementDate").is_not_null() | (gross != 0) | gross.is_null()


def _has_outcome() -> pl.Expr:
    return pl.col("MIS_Status").is_not_null() | pl.col("ChgOffDate").is_not_null()


def _day(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _word(name: str, meanings: dict[str, bool] | dict[str, str]) -> pl.Expr:
    """The meaning of a code; a code without one is junk of the source and becomes null."""
    kind = pl.Boolean if True in meanings.values() else pl.String
    return pl.col(name).cast(pl.String).replace_strict(meanings, default=None, return_dtype=kind)


def _known_code(name: str) -> pl.Expr:
    code = pl.col(name).cast(pl.String)
    return pl.when(code != "0").then(code)


def _zip() -> pl.Expr:
    """Five digits: the source lost leading zeros; what is left of one or two digits is no ZIP code."""
    code = pl.col("Zip").cast(pl.String)
    return pl.when(code.str.len_bytes() >= 3).then(code.str.zfill(5))


SOURCE = Source(
    "sba_national",
    "US Small Business Administration loans: applications, loans, dated charge-offs",
    tables=lambda path: TABLES,
    columns=lambda path: COLUMNS,
    mapped=mapped,
    sample=Path(__file__).resolve().parent.parent / "samples" / "sba_national",
)
