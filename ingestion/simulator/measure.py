"""How close a written portfolio came to its targets, counted anew from the files.

Belongs here: counting roll rates, timing and severity from loans and events alone. Does not: anything the simulation
knew about itself, except what the real timing gives within each loan's horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from ingestion.simulator.calibration import DAYS_A_MONTH, QUANTILES, ROLL_RATES, SEVERITY, TIMING_SOURCE
from ingestion.simulator.schedules import Dues, dues_until

# Enough for the rates; counting more would take longer than it tells.
_BUCKETS_COUNTED = 16
ABSENT, ENDED = -2, -1
_NEVER = 1 << 19  # a day far away
_SPAN = 1 << 20  # more than any day
_PAYING, _CHARGE, _END, _IGNORED = range(4)
_ROLE = {"payment": _PAYING, "prepayment": _PAYING, "charge": _CHARGE, "foreclosure": _END, "write_off": _END}


@dataclass(frozen=True)
class Calibrated:
    """One figure: what was to be met, what the files show (None: nothing to count), how many it was counted from."""

    name: str
    target: float
    achieved: float | None
    counted: int
    source: str


def calibration(
    out: Path, buckets: int, file_format: str, window: Window, expected: NDArray[np.float64]
) -> tuple[Calibrated, ...]:
    """The table of targets and achievements. Roll rates are counted on at most 16 buckets, spread evenly."""
    chosen = sorted({round(i) for i in np.linspace(0, buckets - 1, min(buckets, _BUCKETS_COUNTED))})
    moves = np.zeros((3, 2), np.int64)
    ages, severities = [], []
    for number in chosen:
        loans, events = _read(out, "loans", number, file_format), _read(out, "events", number, file_format)
        moves += roll_counts(loans, events, window)
        lost = charged_off(loans, events)
        ages.append(lost["months"].to_numpy())
        severities.append(lost["severity"].to_numpy())
    rows = [_rate(target, moves[i]) for i, target in enumerate(ROLL_RATES)]
    age, severity = np.concatenate(ages), np.concatenate(severities)
    scale = len(chosen) / buckets
    rows += _timing(age, expected)
    rows.append(
        Calibrated("charge-offs within the window", round(expected.sum() * scale), len(age), len(age), TIMING_SOURCE)
    )
    mean = float(severity.mean()) if len(severity) else None
    rows.append(Calibrated(SEVERITY.name, SEVERITY.target, mean, len(severity), SEVERITY.source))
    return tuple(rows)


def _rate(target, moves) -> Calibrated:  # type: ignore[no-untyped-def]
    total = int(moves.sum())
    return Calibrated(target.name, target.target, float(moves[1] / total) if total else None, total, target.source)


def _timing(age: NDArray[np.float64], expected: NDArray[np.float64]) -> list[Calibrated]:
    """Quantiles of months from disbursement to charge-off, against those of the real timing."""
    if expected.sum() == 0:
        return []
    cumulative = np.concatenate([[0.0], np.cumsum(expected) / expected.sum()])
    months = np.arange(len(cumulative), dtype=np.float64)
    return [
        Calibrated(
            f"charge-off timing: {quantile:.0%} within months",
            float(np.interp(quantile, cumulative, months)),
            float(np.quantile(age, quantile)) if len(age) else None,
            len(age),
            TIMING_SOURCE,
        )
        for quantile in QUANTILES
    ]


def _read(out: Path, table: str, number: int, file_format: str) -> pl.DataFrame:
    path = out / table / f"part-{number:05d}.{file_format}"
    if file_format == "parquet":
        return pl.read_parquet(path)
    money = {"amount": pl.Decimal(18, 2), "principal": pl.Decimal(18, 2), "annual_rate": pl.Decimal(9, 6)}
    return pl.read_csv(path, try_parse_dates=True, infer_schema_length=None, schema_overrides=money)


def _paise(name: str) -> pl.Expr:
    return (pl.col(name) * 100).cast(pl.Int64)


def _days(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Date).cast(pl.Int32).cast(pl.Int64)


def charged_off(loans: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """One row per loan written off: months from disbursement, part of the principal written off."""
    lost = events.filter(pl.col("event_type_code") == "write_off").join(loans, on="loan_id")
    return lost.select(
        months=(_days("value_on") - _days("disbursed_on")) / DAYS_A_MONTH,
        severity=pl.col("amount").cast(pl.Float64) / pl.col("principal").cast(pl.Float64),
    )


def roll_counts(loans: pl.DataFrame, events: pl.DataFrame, window: Window) -> NDArray[np.int64]:
    """How many loans were not late and late at the next month's end, by 0, 1-30 and more than 30 days past due.

    Shape 3 x 2. A loan counts from the month it was disbursed in; one paid off in the next month counts as not late,
    one written off as late.
    """
    dpd = days_past_due(loans, events, window)
    before, now = dpd[:, :-1], dpd[:, 1:]
    rung = np.digitize(before, (1, 31))
    # ended while more than a month late: written off
    is_late = (now > 0) | ((now == ENDED) & (rung == 2))
    moves = np.zeros((3, 2), np.int64)
    counted = before >= 0
    np.add.at(moves, (rung[counted], is_late[counted].astype(np.int64)), 1)
    return moves


def days_past_due(loans: pl.DataFrame, events: pl.DataFrame, window: Window) -> NDArray[np.int64]:
    """Days past due of each loan (rows in the order of loans) at each month's end; ENDED, or ABSENT before disbursal.

    The oldest due first (CV-08): the first installment that the money received does not cover is the oldest unpaid. A
    bounce charge belongs to the first installment due on or after it.
    """
    terms = _terms(loans)
    dues = dues_until(
        window, terms["principal"], terms["rate"], terms["disbursed_on"], terms["days"], terms["installments"]
    )
    booked = _booked(loans, events)
    total = dues.interest + dues.principal
    of_loan = dues.loan * _SPAN + dues.due_on
    charges = booked.filter(pl.col("role") == _CHARGE)
    row = np.searchsorted(of_loan, charges["loan"].to_numpy() * _SPAN + charges["on"].to_numpy())
    billed = row < dues.start[charges["loan"].to_numpy() + 1]
    np.add.at(total, row[billed], charges["amount"].to_numpy()[billed])
    covered = np.concatenate([[0], np.cumsum(total)])
    received = _received(booked, len(loans), window)
    # the first row that money up to the month's end does not cover, in running totals over all loans
    first = dues.start[:-1, None]
    row = np.searchsorted(covered, covered[first] + received, side="right") - 1
    row = np.minimum(row, dues.start[1:, None])
    due_on = np.concatenate([dues.due_on, [_NEVER]])[row]
    due_on = np.where(row < dues.start[1:, None], due_on, _NEVER)
    ends = window.ends[None, :]
    dpd = np.where(due_on <= ends, ends - due_on + 1, 0)
    return _with_ends(dpd, terms, booked, dues, row, window)


def _terms(loans: pl.DataFrame) -> dict[str, NDArray[np.int64]]:
    weeks = pl.when(pl.col("repay_unit_code") == "week").then(pl.col("repay_every") * 7).otherwise(0)
    terms = loans.select(
        _paise("principal"),
        _days("disbursed_on"),
        pl.col("installments").cast(pl.Int64),
        rate=(pl.col("annual_rate") * 1_000_000).cast(pl.Int64),
        days=weeks.cast(pl.Int64),
    )
    return {name: terms[name].to_numpy() for name in terms.columns}


def _booked(loans: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Events that count: loan (row of loans), role, on, undone_on (far away when never), amount in paise."""
    numbered = loans.select("loan_id", loan=pl.int_range(pl.len(), dtype=pl.Int64))
    reversed_ids = pl.col("reverses_event_id").is_not_null()
    undone = events.filter(reversed_ids).select(event_id="reverses_event_id", undone_on="value_on")
    role = pl.col("event_type_code").replace_strict(_ROLE, default=_IGNORED, return_dtype=pl.Int64)
    return (
        events.filter(role != _IGNORED)
        .join(numbered, on="loan_id")
        .join(undone, on="event_id", how="left")
        .select("loan", role.alias("role"), _paise("amount"), _days("value_on").alias("on"),
                _days("undone_on").fill_null(_NEVER))
    )  # fmt: skip


def _received(booked: pl.DataFrame, loans: int, window: Window) -> NDArray[np.int64]:
    """Money received until each month's end, paise; what is reversed counts until the day it is reversed."""
    paid = booked.filter(pl.col("role") == _PAYING)
    loan, amount = paid["loan"].to_numpy(), paid["amount"].to_numpy()
    received = np.zeros((loans, window.months), np.int64)
    for day, sign in (("on", 1), ("undone_on", -1)):
        month = np.searchsorted(window.ends, paid[day].to_numpy())
        known = month < window.months
        np.add.at(received, (loan[known], month[known]), sign * amount[known])
    return np.cumsum(received, axis=1)


def _with_ends(
    dpd: NDArray[np.int64],
    terms: dict[str, NDArray[np.int64]],
    booked: pl.DataFrame,
    dues: Dues,
    row: NDArray[np.int64],
    window: Window,
) -> NDArray[np.int64]:
    """ABSENT before the month of disbursal, ENDED from a write-off or foreclosure, and after the last due is paid."""
    closed = np.full(len(dpd), _NEVER)
    ending = booked.filter(pl.col("role") == _END)
    closed[ending["loan"].to_numpy()] = ending["on"].to_numpy()
    ended = closed[:, None] <= window.ends[None, :]
    is_whole = np.diff(dues.start) == terms["installments"]
    last_due = np.where(is_whole, np.concatenate([dues.due_on, [0]])[np.maximum(dues.start[1:] - 1, 0)], _NEVER)
    settled = (last_due[:, None] <= window.ends[None, :]) & (row >= dues.start[1:, None])
    # the month in which the last due is paid still counts as a month's end without arrears
    done = np.zeros_like(settled)
    done[:, 1:] = np.logical_or.accumulate(settled, axis=1)[:, :-1]
    dpd = np.where(ended | done, ENDED, dpd)
    absent = terms["disbursed_on"][:, None] > window.ends[None, :]
    # a month cut by as_of is no month's end
    partial = window.ends != window.starts[1:] - 1
    return np.where(absent | partial[None, :], ABSENT, dpd)
