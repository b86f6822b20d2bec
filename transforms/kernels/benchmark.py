"""A floating rate as a loan sees it: benchmark plus spread on reset dates becomes rate_change events (KF-02, FR-01).

Belongs here: which rate a reset gives, which resets change anything. Does not: publishing a benchmark, or what a change
of rate does to installment and tenor (replay.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from transforms.kernels.due_dates import moved
from transforms.kernels.loan import Event, LoanRefused

INDIA = timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")
RATE_MAX = Decimal(5)  # rule 10


@dataclass(frozen=True)
class BenchmarkRate:
    """A published rate, a fraction a year, in force from `on` until the next one."""

    on: date
    annual_rate: Decimal


@dataclass(frozen=True)
class ResetEvery:
    """Resets every so many months, on the day of the month of the first, or the month's last."""

    first_on: date
    months: int


@dataclass(frozen=True)
class FloatingRate:
    """benchmark + spread, never below floor nor above cap; all fractions a year."""

    spread: Decimal
    floor: Decimal | None = None
    cap: Decimal | None = None


def rate_changes(
    benchmark: Sequence[BenchmarkRate],
    floating: FloatingRate,
    resets: Sequence[date] | ResetEvery,
    until: date,
    annual_rate: Decimal | None = None,
    adjust: str = "installment",
) -> tuple[Event, ...]:
    """The rate_change events of the resets up to and with `until`, oldest first, named reset-<day>.

    annual_rate: in force before the first reset (the terms'); a reset that leaves the rate as it is makes no event.
    None: unknown, so that the first reset always makes one. The benchmark of a reset is the one in force on that day,
    published that day included. LoanRefused names `benchmark`, `resets` or `spread`.
    """
    _examined(benchmark, floating, resets)
    in_force, events = annual_rate, []
    for on in sorted(day for day in set(_days(resets, until)) if day <= until):
        rate = rate_on(benchmark, floating, on)
        if rate != in_force:
            booked_at = datetime.combine(on, time.max, tzinfo=INDIA)
            events.append(Event(f"reset-{on}", "rate_change", on, booked_at, annual_rate=rate, adjust=adjust))
        in_force = rate
    return tuple(events)


def rate_on(benchmark: Sequence[BenchmarkRate], floating: FloatingRate, on: date) -> Decimal:
    """The loan's rate by a reset on that day."""
    published = [rate for rate in benchmark if rate.on <= on]
    if not published:
        raise LoanRefused("benchmark", f"has no rate in force on {on}")
    rate = max(published, key=lambda one: one.on).annual_rate + floating.spread
    if floating.floor is not None:
        rate = max(rate, floating.floor)
    if floating.cap is not None:
        rate = min(rate, floating.cap)
    if not 0 <= rate <= RATE_MAX:
        raise LoanRefused("spread", f"gives a rate of {rate} on {on}; a rate is between 0 and {RATE_MAX}")
    return rate


def _days(resets: Sequence[date] | ResetEvery, until: date) -> list[date]:
    if not isinstance(resets, ResetEvery):
        return list(resets)
    months = (until.year - resets.first_on.year) * 12 + until.month - resets.first_on.month
    first = resets.first_on
    return [moved(first, k, "month", first.day) for k in range(0, max(months, 0) + 1, resets.months)]


def _examined(benchmark: Sequence[BenchmarkRate], floating: FloatingRate, resets: Sequence[date] | ResetEvery) -> None:
    if len({rate.on for rate in benchmark}) != len(benchmark):
        raise LoanRefused("benchmark", "has two rates of one day")
    if isinstance(resets, ResetEvery) and resets.months < 1:
        raise LoanRefused("resets.months", f"must be at least 1, got {resets.months}")
    if floating.floor is not None and floating.cap is not None and floating.floor > floating.cap:
        raise LoanRefused("floor", f"{floating.floor} is above the cap {floating.cap}")
