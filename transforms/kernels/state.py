"""A loan while it is walked through time: what is held of the loan and of each of its rows.

Belongs here: record layouts of the walk and of its outputs. Does not: what changes them (interest.py, dues.py,
allocation.py, events.py).

All fields are int64: money in hundredths, days since 1970-01-01, rates in millionths.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.columns import CUSTOM, INSTALLMENTS_MAX, STEP, TERMS, record
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
    TOO_MANY_MORATORIA = 25
    RECOVERY_BEFORE_WRITE_OFF = 26
    WRITE_OFF_ABOVE_OUTSTANDING = 27
    WRITTEN_OFF_ALREADY = 28
    NO_INSTALLMENT_LEFT = 29
    FLAT_HAS_NO_TRANCHE = 30
    FLAT_HAS_NO_RATE_CHANGE = 31
    # of the batch form: terms that a document would have been refused for
    PRINCIPAL_OUT_OF_RANGE = 40
    RATE_OUT_OF_RANGE = 41
    INSTALLMENTS_OUT_OF_RANGE = 42
    FIRST_DUE_NOT_AFTER_DISBURSAL = 43
    GRACE_OUT_OF_RANGE = 44
    CODE_UNKNOWN = 45
    EVENT_BEFORE_DISBURSAL = 46
    TERMS_OUT_OF_RANGE = 47
    EVENT_UNKNOWN = 48
    EVENT_OUT_OF_RANGE = 49
    STEPS_OUT_OF_RANGE = 50
    CUSTOM_OUT_OF_RANGE = 51


LOAN = record(
    # where the walk stands
    *("number", "day", "stop", "stop_event", "terms", "is_matured", "is_run_on"),
    # the running row: its number, its days, the installment; the last row's number
    *("number_first", "number_next", "number_last", "inserted", "row_from", "due_next", "is_broken"),
    *("due_first", "due_anchor", "due_index", "due_months", "is_regular", "period_per", "period_of"),
    *("installment", "is_priced", "pricings", "given_next", "step_next", "step_priced"),
    # principal
    *("principal_scheduled", "principal_overdue", "written_off", "is_written_off", "written_off_on"),
    # custom rows shrink in proportion num / den; flat loans have interest left, of which the running row bears now
    *("custom_num", "custom_den", "custom_left", "flat_total", "flat_left", "flat_now"),
    # interest earned and not yet due: earned + rest / (of x MILLIONTHS), through the night before accrued_to
    *("rate", "accrued_to", "earned", "earned_rest", "earned_of"),
    # of it, what earlier rows put off; and what odd nights earned beside the installment, odd + odd_rest / (365 x
    # MILLIONTHS)
    *("deferred", "deferred_rest", "deferred_of", "deferred_rounded", "odd", "odd_rest", "upfront_interest"),
    # what is due and unpaid, and the first row that may have any of it
    *("interest_overdue", "fee_due", "rows", "row_open", "charges"),
    # moratoria to come or running, and how many rows they still hold
    *("holidays", "holiday_rows"),
    # money held, and the queue of receipts it came from
    *("excess", "held_first", "held_count"),
    # fees of the terms with their GST: of each row, and due on the day they begin
    *("fee_each", "fee_disbursal"),
    *("npa_since", "installment_first", "allocations"),
)
ROW = record(
    *("number", "due_on", "principal", "interest", "fee", "balance"),
    *("principal_paid", "interest_paid", "fee_paid"),
    *("principal_waived", "interest_waived", "fee_waived"),
    *("penal", "penal_charged", "penal_paid", "penal_waived", "paid_on"),
    # unpaid principal and interest x days under the terms in force, up to penal_to; what days under earlier terms
    # bore, before + before_rest / (365 x MILLIONTHS); whether the row counts as late, and the flat amount it then bore
    *("penal_days", "penal_to", "penal_before", "penal_before_rest", "is_late", "penal_flat"),
    # scratch of one receipt that settles component by component
    *("now_interest", "now_principal", "now_fee", "now_penal"),
)
CHARGE = record("row", "on", "amount")
# One moratorium: rows first to first + count - 1; goes_on: another one cut in, and its last rows come after that.
HOLIDAY = record("first", "count", "interest", "goes_on")
# An exact installment, and which pricing of the walk (the first is 0) it is for.
GIVEN = record("pricing", "installment")
HELD = record("event", "amount")
# One allocation: what a receipt settled of one row, number -1: of none.
ENTRY = record("event", "on", "number", "penal", "fee", "interest", "principal", "excess")


class Norms(NamedTuple):
    """Days past due after which a loan is SMA-1, SMA-2, NPA (AC-03); dated parameters, not rules."""

    sma1_after_days: int = 30
    sma2_after_days: int = 60
    npa_after_days: int = 90


# What an installment is solved from, written by every pricing, read again when float64 could not prove its rounding:
# the balance whole + rest / (of x MILLIONTHS) is paid off to `balloon` by so many rows; each but the first (or all,
# when grows_first) grows it by 1 + numerator / denominator (GROWTH records). position: of the first row, for steps.
ASK = record("whole", "rest", "of", "grows_first", "balloon", "rows", "position")
GROWTH = record("numerator", "denominator")
# Places of WORK.loans: the loan walked, an empty one, and copies that look ahead (to the end of the running row; to the
# next row that amortises; to rows to come).
HERE, BLANK, AHEAD, PASSED, LOOK = 0, 1, 2, 3, 4


ROWS_MAX = INSTALLMENTS_MAX + 400  # room for rows that charges after the last installment make
CHARGES_MAX, HELD_MAX, GIVEN_MAX, HOLIDAYS_MAX = 2000, 4000, 400, 40
# of one event: every row settled and every receipt held; they are handed over when half of the room is used
ENTRIES_MAX = 4 * (ROWS_MAX + HELD_MAX)
# What one thread walks with, at one address: one loan, its rows, charges and held receipts, its terms with their steps
# and custom rows, the allocations not yet handed over; given: exact installments, in pricing order, where float64 could
# not prove them (GIVEN records).
WORK = np.dtype(
    (
        np.record,
        [
            ("loans", LOAN, (5,)),
            ("terms", TERMS, (1,)),
            ("rows", ROW, (ROWS_MAX,)),
            ("charges", CHARGE, (CHARGES_MAX,)),
            ("held", HELD, (HELD_MAX,)),
            ("holidays", HOLIDAY, (HOLIDAYS_MAX + 1,)),  # the last one may be cut in two
            ("entries", ENTRY, (ENTRIES_MAX,)),
            ("steps", STEP, (INSTALLMENTS_MAX,)),
            ("custom", CUSTOM, (INSTALLMENTS_MAX,)),
            ("ask", ASK, (1,)),
            ("growths", GROWTH, (INSTALLMENTS_MAX + 1,)),
            ("given", GIVEN, (GIVEN_MAX,)),
            ("given_count", np.int64),
        ],
    )
)


def workspace(given: tuple[tuple[int, int], ...] = ()) -> NDArray[Any]:
    """Room for one walk, a WORK record in an array of one; given: exact installments, (pricing, installment) each."""
    room = np.zeros(1, WORK)
    loans = room[0].loans
    loans["npa_since"], loans["earned_of"], loans["deferred_of"] = NO_DAY, 1, 1
    give(room, given)
    return room


def give(room: NDArray[Any], given: tuple[tuple[int, int], ...]) -> None:
    """Give exact installments to the next walk in this room."""
    room[0].given[: len(given)] = np.array(list(given), GIVEN)
    room[0].given_count = len(given)


# A loan of a book at the end of its walk; stop, stop_event: why it was set aside, and at which of the book's events.
END = record(
    *("stop", "stop_event", "installment", "installments_due", "principal_outstanding", "interest_accrued"),
    *("principal_overdue", "interest_overdue", "fee_due", "penal_due", "excess"),
    *("oldest_due_on", "oldest_pi_due_on", "npa_since", "is_written_off"),
)

# Rows of the array that allocations are written to, one column an allocation, in the order in which they happened;
# number -1: no installment.
LOAN_AT, EVENT_AT, ON_AT, NUMBER_AT, PENAL_AT, FEE_AT, INTEREST_AT, PRINCIPAL_AT, EXCESS_AT = range(9)


def allocations(entries: int) -> NDArray[np.int64]:
    """An empty buffer of so many allocations."""
    return np.empty((9, entries), np.int64)
