"""What each simulated loan owes until as_of: due dates, interest and principal in integer paise.

Belongs here: the dues of loans with level installments whose due day is at most the 28th. Does not: payments
(cashflows.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window


@dataclass(frozen=True)
class Dues:
    """Rows of all loans of a bucket that fall due on or before as_of, loan by loan.

    start: first row of each loan, and one past the last loan's last row. due_on: days since 1970. group: the month that
    a due belongs to; dues of the 1st and 2nd belong to the month before, so that whole months of dues are 30 days apart
    however often a loan pays.
    """

    start: NDArray[np.int64]
    due_on: NDArray[np.int64]
    group: NDArray[np.int64]
    interest: NDArray[np.int64]
    principal: NDArray[np.int64]


@nb.njit(nogil=True, cache=True)
def _divided(dividend: int, divisor: int) -> int:
    """Half up; both positive."""
    return (dividend * 2 + divisor) // (divisor * 2)


@nb.njit(nogil=True, cache=True)
def _installment(principal: int, rate: float, periods: int) -> int:
    """Level installment in paise, rounded up to the rupee (CV-02 CEIL_RUPEE)."""
    exact = principal * rate / (1.0 - (1.0 + rate) ** (-periods)) if rate > 0 else principal / periods
    return int(np.ceil(exact / 100.0 - 1e-9)) * 100


@nb.njit(nogil=True, cache=True)
def installment_amounts(principal, rate_ppm, days, periods):  # type: ignore[no-untyped-def]
    out = np.empty(len(principal), np.int64)
    for i in range(len(principal)):
        year = days[i] / 365.0 if days[i] else 1.0 / 12.0
        out[i] = _installment(principal[i], rate_ppm[i] / 1e6 * year, periods[i])
    return out


@nb.njit(nogil=True, cache=True)
def _count(disbursed_on, month, days, periods, starts, as_of):  # type: ignore[no-untyped-def]
    start = np.zeros(len(disbursed_on) + 1, np.int64)
    months = len(starts) - 1
    for i in range(len(disbursed_on)):
        if days[i]:
            due = (as_of - disbursed_on[i]) // days[i]
        else:
            day = disbursed_on[i] - starts[month[i]]
            due = months - 1 - month[i]
            if due > 0 and starts[months - 1] + day > as_of:
                due -= 1
        start[i + 1] = start[i] + max(0, min(due, periods[i]))
    return start


@nb.njit(nogil=True, cache=True)
def _rows(start, principal, rate_ppm, disbursed_on, month, days, periods, installment, starts):  # type: ignore[no-untyped-def]
    total = start[-1]
    due_on, group = np.empty(total, np.int64), np.empty(total, np.int64)
    interest, repaid = np.empty(total, np.int64), np.empty(total, np.int64)
    for i in range(len(principal)):
        balance = principal[i]
        at = month[i]
        for k in range(start[i + 1] - start[i]):
            row = start[i] + k
            if days[i]:
                on = disbursed_on[i] + days[i] * (k + 1)
                earned = _divided(balance * rate_ppm[i] * days[i], 365_000_000)
                while at + 1 < len(starts) and starts[at + 1] <= on - 2:
                    at += 1
            else:
                at = month[i] + k + 1
                on = starts[at] + disbursed_on[i] - starts[month[i]]
                earned = _divided(balance * rate_ppm[i], 12_000_000)
            part = balance if k + 1 == periods[i] else min(balance, installment[i] - earned)
            due_on[row], group[row], interest[row], repaid[row] = on, at, earned, part
            balance -= part
    return due_on, group, interest, repaid


def dues_until(window: Window, principal: NDArray[np.int64], rate_ppm: NDArray[np.int64], disbursed_on: NDArray[np.int64], days: NDArray[np.int64], periods: NDArray[np.int64]) -> Dues:  # fmt: skip
    """All rows due until window.as_of. principal in paise; days of a period, 0 for a month; one entry a loan."""
    month = window.month(disbursed_on)
    start = _count(disbursed_on, month, days, periods, window.starts, window.as_of)
    installment = installment_amounts(principal, rate_ppm, days, periods)
    rows = _rows(start, principal, rate_ppm, disbursed_on, month, days, periods, installment, window.starts)
    return Dues(start, *rows)
