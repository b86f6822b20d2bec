"""How close a written portfolio came to its targets, counted anew from the files.

Belongs here: counting roll rates, timing and severity from loans and events alone. Does not: anything the simulation
knew about itself, except what the real timing gives within each loan's horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from ingestion.simulator.calibration import DAYS_A_MONTH, QUANTILES, ROLL_RATES, SEVERITY, TIMING_SOURCE
from ingestion.simulator.schedules import dues_until

# Enough for the rates; counting more would take longer than it tells.
_BUCKETS_COUNTED = 16
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
    numbered = loans.with_row_index("loan")
    every = (
        events.join(numbered.select("loan_id", "loan"), on="loan_id")
        .join(events.filter(pl.col("reverses_event_id").is_not_null()).select(
            event_id="reverses_event_id", undone_on="value_on"), on="event_id", how="left")
        .with_columns(role=pl.col("event_type_code").replace_strict(_ROLE, default=_IGNORED, return_dtype=pl.Int64))
        .filter(pl.col("role") != _IGNORED)
        .sort("loan", "value_on", maintain_order=True)
    )  # fmt: skip
    start = np.searchsorted(every["loan"].to_numpy(), np.arange(len(loans) + 1))
    terms = loans.select(
        _paise("principal"), _days("disbursed_on"), pl.col("installments").cast(pl.Int64),
        rate=(pl.col("annual_rate") * 1_000_000).cast(pl.Int64),
        days=pl.when(pl.col("repay_unit_code") == "week").then(pl.col("repay_every") * 7).otherwise(0).cast(pl.Int64),
    )  # fmt: skip
    columns = {name: terms[name].to_numpy() for name in terms.columns}
    dues = dues_until(
        window, columns["principal"], columns["rate"], columns["disbursed_on"], columns["days"], columns["installments"]
    )
    undone = every.select(_days("undone_on").fill_null(1 << 40)).to_series().to_numpy()
    return _count(
        columns["disbursed_on"], columns["installments"], dues.start, dues.due_on, dues.interest + dues.principal,
        start, every["role"].to_numpy(), every.select(_days("value_on")).to_series().to_numpy(), undone,
        every.select(_paise("amount")).to_series().to_numpy(), window.starts[1:] - 1, window.as_of,
    )  # fmt: skip


@nb.njit(nogil=True, cache=True)
def _days_past_due(due_on, total, row, end, role, value_on, undone_on, amount, first, last, on):  # type: ignore[no-untyped-def]
    """Days past due at day-end of `on`, 0 when nothing is due, -1 when the loan has ended (DOMAIN AC-02, CV-08)."""
    received, charged = 0, 0
    for e in range(first, last):
        if value_on[e] > on:
            break
        if undone_on[e] <= on:
            continue
        if role[e] == _END:
            return -1
        if role[e] == _CHARGE:
            charged += amount[e]
        else:
            received += amount[e]
    e = first
    for k in range(row, end):
        if due_on[k] > on:
            break
        received -= total[k]
        while e < last and value_on[e] <= due_on[k]:
            if role[e] == _CHARGE:
                received -= amount[e]
                charged -= amount[e]
            e += 1
        if received < 0:
            return on - due_on[k] + 1
    while e < last and value_on[e] <= on:
        if role[e] == _CHARGE:
            received -= amount[e]
            if received < 0:
                return on - value_on[e] + 1
        e += 1
    return 0


@nb.njit(nogil=True, cache=True)
def _count(disbursed_on, periods, start, due_on, total, event_start, role, value_on, undone_on, amount, month_ends, as_of):  # type: ignore[no-untyped-def]  # fmt: skip
    moves = np.zeros((3, 2), np.int64)
    for i in range(len(disbursed_on)):
        before = -1
        row, end = start[i], start[i + 1]
        first, last = event_start[i], event_start[i + 1]
        for on in month_ends:
            if on < disbursed_on[i]:
                continue
            if on > as_of:
                break
            now = _days_past_due(due_on, total, row, end, role, value_on, undone_on, amount, first, last, on)
            if before >= 0:
                rung = 0 if before == 0 else (1 if before <= 30 else 2)
                # ended while two months late or more: written off
                is_late = now > 0 or (now < 0 and rung == 2)
                moves[rung, 1 if is_late else 0] += 1
            done = now == 0 and end - row == periods[i] and due_on[end - 1] <= on
            if now < 0 or done:
                break
            before = now
    return moves
