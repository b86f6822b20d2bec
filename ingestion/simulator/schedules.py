"""What each simulated loan owes until as_of: the house's own schedules, cut to the rows that have fallen due.

Belongs here: asking the schedule kernel for many loans. Does not: how a schedule is computed (transforms/kernels), or
payments (cashflows.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulator.calendar import Window
from transforms.kernels.book import schedule_batches, schedule_buffers
from transforms.kernels.book_tables import book_from
from transforms.kernels.money import CEIL_RUPEE
from transforms.kernels.state import END

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
    terms = pa.table(
        {
            "principal": pa.array(principal).view(pa.decimal64(18, 2)),
            "annual_rate": pa.array(rate_ppm).view(pa.decimal64(18, 6)),
            "installments": installments,
            "disbursed_on": pa.array(disbursed_on.astype(np.int32)).view(pa.date32()),
            "repay_every": np.where(is_week, period_days // _WEEK_DAYS, 1),
            "repay_unit_code": pa.array(np.where(is_week, "week", "month")),
            "rounding_installment": pa.array([ROUNDING.unit] * loans, pa.decimal128(18, 2)),
            "rounding_installment_mode_code": pa.array([ROUNDING.mode.name.lower()] * loans),
        }
    )
    book, ends = book_from(terms), np.zeros(loans, END)
    made = schedule_batches(book, ends, schedule_buffers(int(installments.sum())))
    parts = [_until(batch, window.as_of) for batch in made]
    if np.any(ends["stop"]):
        raise ValueError(f"{np.count_nonzero(ends['stop'])} loans have no schedule")
    loan, due_on, interest, repaid, balance = np.concatenate(parts, axis=1) if parts else np.zeros((5, 0), np.int64)
    start = np.searchsorted(loan, np.arange(loans + 1))
    return Dues(ends["installment"].copy(), start, loan, due_on, window.month(due_on - 2), interest, repaid, balance)


def _until(batch: pa.RecordBatch, as_of: int) -> Ints:
    """Rows due until as_of, no longer the bytes of the batch: loan, due day, interest, principal, balance."""
    kept = np.asarray(batch["due_on"].view(pa.int32())) <= as_of
    days = (np.asarray(batch[name].view(pa.int32())) for name in ("loan_at", "due_on"))
    money = (np.asarray(batch[name].view(pa.int64())) for name in ("interest", "principal", "principal_outstanding"))
    return np.array([column[kept] for column in (*days, *money)], np.int64)
