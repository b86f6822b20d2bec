"""A loan while it is walked through time: what is held of the loan and of each of its rows.

Belongs here: record layouts of the walk and of its outputs. Does not: what changes them (interest.py, schedule.py,
allocation.py, events.py).

All fields are int64: money in hundredths, days since 1970-01-01, rates in millionths.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.due_dates import NO_DAY


class Stop(IntEnum):
    """Why a walk ended before its day; refusals of events are told with the event."""

    NONE = 0
    NEEDS_EXACT_INSTALLMENT = 1
    BUFFER_FULL = 2
    AMOUNT_TOO_LARGE = 10
    TOO_MANY_ROWS = 11
    PERIOD_OUT_OF_RANGE = 12
    INSTALLMENT_NOT_POSITIVE = 13
    WAIVER_ABOVE_DUE = 20
    REFUND_ABOVE_EXCESS = 21
    FORECLOSURE_SHORT = 22
    NEGATIVE_AMORTISATION = 23
    MORATORIUM_ON_FALLEN_ROWS = 24
    MORATORIUM_STILL_RUNNING = 25
    RECOVERY_BEFORE_WRITE_OFF = 26
    WRITE_OFF_ABOVE_OUTSTANDING = 27
    WRITTEN_OFF_ALREADY = 28
    NO_INSTALLMENT_LEFT = 29
    FLAT_HAS_NO_TRANCHE = 30
    FLAT_HAS_NO_RATE_CHANGE = 31


LOAN = np.dtype(
    [
        (name, np.int64)
        for name in (
            # where the walk stands
            *("day", "stop", "stop_event", "terms", "is_matured", "is_run_on"),
            # the running row: its number, its days, the installment; the last row's number
            *("number_first", "number_next", "number_last", "inserted", "row_from", "due_next", "is_broken"),
            *("due_first", "due_anchor", "due_index", "installment", "is_priced", "pricings", "step_next", "step_priced"),
            # principal
            *("principal_scheduled", "principal_overdue", "written_off", "is_written_off", "written_off_on"),
            # custom rows shrink in proportion num / den; flat loans have interest left
            *("custom_num", "custom_den", "custom_left", "flat_total", "flat_left"),
            # interest earned and not yet due: earned + rest / (of x MILLIONTHS), through the night before accrued_to
            *("rate", "accrued_to", "earned", "earned_rest", "earned_of"),
            # of it, what earlier rows put off; and what a broken first period earned beside the installment
            *("deferred", "deferred_rest", "deferred_of", "deferred_rounded", "beside", "upfront_interest"),
            # what is due and unpaid, and the first row that may have any of it
            *("interest_overdue", "fee_due", "rows", "row_open", "charges"),
            # a moratorium to come or running
            *("holiday_first", "holiday_count", "holiday_interest"),
            # money held, and the queue of receipts it came from
            *("excess", "held_first", "held_count"),
            *("npa_since", "installment_first"),
        )
    ]
)
ROW = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("number", "due_on", "principal", "interest", "fee", "balance"),
            *("principal_paid", "interest_paid", "fee_paid"),
            *("principal_waived", "interest_waived", "fee_waived"),
            *("penal", "penal_charged", "penal_paid", "penal_waived", "paid_on"),
            # unpaid principal and interest x days, up to penal_to
            *("penal_days", "penal_to"),
            # scratch of one receipt that settles component by component
            *("now_interest", "now_principal", "now_fee", "now_penal"),
        )
    ]
)
CHARGE = np.dtype([("row", np.int64), ("on", np.int64), ("amount", np.int64)])
HELD = np.dtype([("event", np.int64), ("amount", np.int64)])


class Norms(NamedTuple):
    """Days past due after which a loan is SMA-1, SMA-2, NPA (AC-03); dated parameters, not rules."""

    sma1_after_days: int = 30
    sma2_after_days: int = 60
    npa_after_days: int = 90


class Ask(NamedTuple):
    """What an installment is solved from, filled by every pricing, read when float64 could not prove its rounding.

    The balance to be paid off is head[0] + head[1] / (head[2] x MILLIONTHS); each amortising row but the first (all rows
    when head[3] is 1) grows it by 1 + numerator / denominator; head[4]: balloon; head[5]: rows; head[6]: position of the
    first row, for steps.
    """

    head: NDArray[np.int64]
    numerator: NDArray[np.int64]
    denominator: NDArray[np.int64]


class Scratch(NamedTuple):
    """What one thread walks with: one loan (and copies to look ahead with), its rows, charges and held receipts."""

    loan: NDArray[Any]
    blank: NDArray[Any]
    ahead: NDArray[Any]
    look: NDArray[Any]
    kept: NDArray[Any]
    rows: NDArray[Any]
    charges: NDArray[Any]
    held: NDArray[Any]
    ask: Ask
    given: NDArray[np.int64]


class Allocations(NamedTuple):
    """What receipts settled, in the order in which it happened; number -1: no installment. used[0]: entries so far."""

    loan: NDArray[np.int32]
    event: NDArray[np.int32]
    on: NDArray[np.int32]
    number: NDArray[np.int32]
    penal: NDArray[np.int64]
    fee: NDArray[np.int64]
    interest: NDArray[np.int64]
    principal: NDArray[np.int64]
    excess: NDArray[np.int64]
    used: NDArray[np.int64]


def scratch(rows: int, events: int, given: tuple[int, ...] = ()) -> Scratch:
    """Room for loans of so many rows and events. given: exact installments of the loan at hand, in pricing order."""
    blank = np.zeros(1, LOAN)
    blank["npa_since"], blank["earned_of"], blank["deferred_of"] = NO_DAY, 1, 1
    ask = Ask(np.zeros(8, np.int64), np.zeros(rows + 1, np.int64), np.ones(rows + 1, np.int64))
    return Scratch(
        np.zeros(1, LOAN),
        blank,
        np.zeros(1, LOAN),
        np.zeros(1, LOAN),
        np.zeros(1, ROW),
        np.zeros(rows + events + 4, ROW),
        np.zeros(events + 4, CHARGE),
        np.zeros(events + 4, HELD),
        ask,
        np.array(given, np.int64),
    )


def allocations(entries: int) -> Allocations:
    """An empty buffer of so many entries."""
    small = (np.empty(entries, np.int32) for _ in range(4))
    money = (np.empty(entries, np.int64) for _ in range(5))
    return Allocations(*small, *money, np.zeros(1, np.int64))  # type: ignore[call-arg]
