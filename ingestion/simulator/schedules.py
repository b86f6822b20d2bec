"""What each simulated loan owes until as_of: the house's own schedules, cut to the rows that have fallen due.

Belongs here: asking the schedule kernel for many loans. Does not: how a schedule is computed (transforms/kernels), or
payments (cashflows.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from transforms.kernels.due_dates import NO_DAY, UNITS
from transforms.kernels.money import CEIL_RUPEE, SMALLEST
from transforms.kernels.schedule import schedule_book
from transforms.kernels.terms import TermsColumns

Ints = NDArray[np.int64]
_WEEK_DAYS = 7
# A scheme's default rounding of the installment (CV-02), as the house computes the schedules of its book.
ROUNDING = CEIL_RUPEE


@dataclass(frozen=True)
class Dues:
    """Rows of many loans that fall due on or before as_of, loan by loan; money in paise.

    installment: level installment of each loan. start: first row of each loan, and one past the last loan's last row.
    loan: the row's loan. due_on: days since 1970. group: the month that a due belongs to; dues of the 1st and 2nd
    belong to the month before, so that one month late is at most 30 days past due however often a loan pays. balance:
    principal left after the row.
    """

    installment: Ints
    start: Ints
    loan: Ints
    due_on: Ints
    group: Ints
    interest: Ints
    principal: Ints
    balance: Ints

    def of(self, loans: Ints) -> Dues:
        """The dues of some of the loans, in their order."""
        counts = np.diff(self.start)[loans]
        start = np.concatenate([[0], np.cumsum(counts)])
        loan = np.repeat(np.arange(len(loans)), counts)
        rows = self.start[loans][loan] + np.arange(len(loan)) - start[loan]
        columns = (getattr(self, name)[rows] for name in ("due_on", "group", "interest", "principal", "balance"))
        return Dues(self.installment[loans], start, loan, *columns)


def dues_until(
    window: Window, principal: Ints, rate_ppm: Ints, disbursed_on: Ints, period_days: Ints, installments: Ints
) -> Dues:
    """The rows due until window.as_of. principal in paise, rate in millionths, period_days 0 for a month; one a loan.

    Raises ValueError when the kernel cannot compute a loan.
    """
    loans = len(principal)
    is_week = period_days > 0
    terms = TermsColumns(
        principal=principal,
        rate=rate_ppm,
        installments=installments,
        disbursed_on=disbursed_on,
        first_due_on=np.full(loans, NO_DAY),
        every=np.where(is_week, period_days // _WEEK_DAYS, 1),
        unit=np.where(is_week, UNITS["week"], UNITS["month"]),
        smallest=np.full(loans, SMALLEST["INR"]),
        installment_unit=np.full(loans, ROUNDING.hundredths),
        installment_mode=np.full(loans, int(ROUNDING.mode)),
    )
    rows = schedule_book(terms)
    if np.any(rows.set_aside):
        raise ValueError(f"{np.count_nonzero(rows.set_aside)} loans have no schedule")
    kept = rows.due_on <= window.as_of
    loan, due_on = rows.loan[kept], rows.due_on[kept]
    start = np.searchsorted(loan, np.arange(loans + 1))
    columns = (rows.interest[kept], rows.principal[kept], rows.balance[kept])
    return Dues(rows.installment_amount, start, loan, due_on, window.month(due_on - 2), *columns)
