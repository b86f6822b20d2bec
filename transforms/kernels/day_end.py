"""The end of a business day for loans on which nothing happened: accrual, days past due, class and NPA memory.

Belongs here: what a day changes by itself, derived from a loan's open segment. Does not: what events change
(events.py); classes of a borrower.

A segment is a stretch of nights with one bearing principal and one rate. Interest accrued at a day-end is what the
segment began with plus principal x rate x nights / 365, so a day adds no rounding to the day before it.
"""

from __future__ import annotations

from enum import IntEnum

from transforms.kernels.columns import MILLIONTHS
from transforms.kernels.compiled import entry, hot
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.interest import multiplied

# Rows of the state of a book, one column a loan: an open segment, and what the close of a day makes of it.
SEGMENT_FROM, BEARING, RATE, CARRIED, OLDEST_DUE_ON, OLDEST_PI_DUE_ON, NPA_SINCE, ACCRUED, DPD, CLASS = range(10)
ROWS = 10


class AssetClass(IntEnum):
    """Classes in their order of gravity."""

    STANDARD = 0
    SMA_0 = 1
    SMA_1 = 2
    SMA_2 = 3
    NPA = 4


@entry
def close_day(state, as_of, norms):  # type: ignore[no-untyped-def]
    """Bring every loan of `state` to the day-end of as_of (a day number), in place.

    Interest (ACT/365, half up to the paisa) counts the nights before as_of; DPD counts the due date as day 1 (AC-02); a
    loan past the norm's days on principal or interest is NPA from that day-end on (AC-03), until its arrears are paid.
    """
    over = 365 * MILLIONTHS
    for loan in range(state.shape[1]):
        nights = as_of - state[SEGMENT_FROM, loan]
        whole, rest = multiplied(state[BEARING, loan], state[RATE, loan] * nights, over)
        state[ACCRUED, loan] = state[CARRIED, loan] + whole + (2 * rest >= over)
        oldest, oldest_pi = state[OLDEST_DUE_ON, loan], state[OLDEST_PI_DUE_ON, loan]
        dpd = 0 if oldest == NO_DAY else as_of - oldest + 1
        dpd_pi = 0 if oldest_pi == NO_DAY else as_of - oldest_pi + 1
        npa_since = state[NPA_SINCE, loan]
        if dpd_pi == 0:
            npa_since = NO_DAY
        elif npa_since == NO_DAY and dpd_pi > norms.npa_after_days:
            npa_since = as_of
        state[DPD, loan] = dpd
        state[NPA_SINCE, loan] = npa_since
        state[CLASS, loan] = AssetClass.NPA if npa_since != NO_DAY else grade(dpd, norms)


@hot
def grade(dpd, norms):  # type: ignore[no-untyped-def]
    """The class of a loan that is not NPA, STANDARD to SMA_2; as classification.asset_class."""
    return (dpd > 0) + (dpd > norms.sma1_after_days) + (dpd > norms.sma2_after_days)
