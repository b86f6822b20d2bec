"""Which received rows may pass into bronze, and for what reason the others may not.

Belongs here: the checks that one row, its contract and its day of receipt decide. Does not: known keys and references
(landing.py, which asks the lake). A contract is compiled into polars expressions; all run in one pass, and only those
that fail somewhere are looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import polars as pl

from ingestion import masking
from ingestion.parsing import EXPECTED, MARK, ROW_NUMBER
from warehouse.contracts.table import Field, Rule, Table, Type

# The business day of an instant is the day in India; sources further east may be some hours into tomorrow.
BUSINESS_ZONE = ZoneInfo("Asia/Kolkata")
REFUSALS_SCHEMA = {
    ROW_NUMBER: pl.Int64(),
    "check": pl.String(),
    "column_name": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class Check:
    """One claim about each row: the columns it reads, an expression that is true where it FAILS, and the reason.

    is_across: the claim sets columns against each other, so it says nothing where one of them is at fault itself.
    """

    name: str
    columns: tuple[str, ...]
    fails: pl.Expr
    reason: str
    is_across: bool = False


def business_day(received_at: datetime) -> date:
    """The last day that is not in the future for a batch received then. Raises ValueError without an offset."""
    if received_at.tzinfo is None:
        raise ValueError("received_at must carry an offset")
    return received_at.astimezone(BUSINESS_ZONE).date()


def checks(table: Table, marked: Sequence[str], received_at: datetime, rules: Sequence[Rule] = ()) -> list[Check]:
    """The contract as checks, in the order in which reasons are given.

    marked: the columns `<name>:unreadable` that the parsed frame has. rules: the source's own, beside the contract's.
    """
    found: list[Check] = []
    for field in table.fields:
        found += _field_checks(field, table, field.name + MARK in marked, received_at)
    for rule in (*table.rules, *rules):
        found.append(Check(rule.name, rule.columns, ~rule.holds, rule.reason, is_across=True))
    return found


def failing(frame: pl.DataFrame, candidates: Sequence[Check]) -> list[Check]:
    """Those checks that some row of the frame fails."""
    if frame.is_empty():
        return []
    any_fails = frame.lazy().select(
        check.fails.fill_null(False).any().alias(str(i)) for i, check in enumerate(candidates)
    )
    row = any_fails.collect().row(0)
    return [check for check, fails in zip(candidates, row, strict=True) if fails]


def refusals(frame: pl.DataFrame, candidates: Sequence[Check]) -> pl.DataFrame:
    """row_number, check, column_name, reason: one row for each check a row fails.

    Where a column fails its own checks, claims that set it against others are left out: they would drown the fault.
    """
    found = [pl.DataFrame(schema=REFUSALS_SCHEMA)]
    for check in sorted(failing(frame, candidates), key=lambda check: check.is_across):
        rows = frame.filter(check.fails.fill_null(False))
        if check.is_across:
            rows = sound(rows, check.columns, pl.concat(found))
        found.append(refused(rows[ROW_NUMBER], check.name, check.columns, check.reason))
    return pl.concat(found)


def sound(rows: pl.DataFrame, columns: Sequence[str], refused_: pl.DataFrame) -> pl.DataFrame:
    """The rows without those that were refused for one of these columns alone."""
    numbers = refused_.filter(pl.col("column_name").is_in(columns))[ROW_NUMBER]
    return rows.filter(~pl.col(ROW_NUMBER).is_in(numbers.implode())) if numbers.len() else rows


def refused(row_numbers: pl.Series, check: str, columns: Sequence[str], reason: str) -> pl.DataFrame:
    """These rows as refusals for one reason."""
    return pl.DataFrame({ROW_NUMBER: row_numbers}, schema={ROW_NUMBER: pl.Int64}).with_columns(
        pl.lit(check).alias("check"),
        pl.lit(", ".join(columns)).alias("column_name"),
        pl.lit(reason).alias("reason"),
    )


def validity(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with personal columns normalised, and `<name>:valid` for each of them."""
    for field in masking.personal_fields(table):
        assert field.personal is not None
        frame = frame.with_columns(masking.normalised(field).alias(field.name))
        frame = frame.with_columns(masking.VALID[field.personal](frame[field.name]).alias(f"{field.name}:valid"))
    return frame


def _field_checks(field: Field, table: Table, is_marked: bool, received_at: datetime) -> list[Check]:
    value, name = pl.col(field.name), (field.name,)
    unreadable = pl.col(field.name + MARK) if is_marked else pl.lit(False)
    found = []
    if is_marked:
        found.append(Check("readable", name, unreadable, f"not {EXPECTED[field.type]}"))
    if table.is_required(field.name):
        found.append(Check("required", name, value.is_null() & ~unreadable, "required, but empty"))
    if field.codes is not None:
        found.append(
            Check("in_codes", name, ~value.is_in(field.codes), f"not one of the codes {', '.join(field.codes)}")
        )
    if field.pattern is not None:
        found.append(
            Check(
                "shaped",
                name,
                ~value.str.contains(rf"\A(?:{field.pattern})\z"),
                f"does not have the form {field.pattern}",
            )
        )
    if field.type is Type.ID:
        found.append(_not_personal(field))
    if field.personal is not None:
        wanted = masking.EXPECTED[field.personal]
        reason = f"not a valid {field.meaning}: {wanted}"
        found.append(Check("valid", name, ~pl.col(f"{field.name}:valid"), reason))
    return found + _bounds(field, received_at)


def _not_personal(field: Field) -> Check:
    value = pl.col(field.name)
    is_pan = value.str.contains(rf"\A(?:{masking.PAN_LIKE})\z")
    if not field.names_person:
        return Check("not_personal", (field.name,), is_pan, "a PAN must not serve as a key; use a number of your own")
    reason = (
        "a PAN, Aadhaar or mobile number must not serve as a key; use a number of your own, "
        "with a letter before it if it only looks like one"
    )
    return Check("not_personal", (field.name,), is_pan | masking.is_number_of_person(value), reason)


def _bounds(field: Field, received_at: datetime) -> list[Check]:
    value, name = pl.col(field.name), (field.name,)
    found = []
    if field.minimum is not None:
        minimum = pl.lit(field.minimum, dtype=field.type.polars)
        found.append(Check("minimum", name, value < minimum, f"below the minimum of {field.minimum}"))
    if field.maximum is not None:
        maximum = pl.lit(field.maximum, dtype=field.type.polars)
        found.append(Check("maximum", name, value > maximum, f"above the maximum of {field.maximum}"))
    day = business_day(received_at)
    if field.type is Type.DATE and not field.may_be_future:
        found.append(Check("not_future", name, value > pl.lit(day), f"in the future: the file was received on {day}"))
    if field.type is Type.INSTANT and not field.may_be_future:
        end = datetime.combine(day + timedelta(days=1), clock_time.min, BUSINESS_ZONE)
        limit = pl.lit(end).cast(field.type.polars)
        found.append(Check("not_future", name, value >= limit, f"in the future: the file was received on {day}"))
    return found
