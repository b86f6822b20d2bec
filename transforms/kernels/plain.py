"""Plain loans, the short way: equal installments every natural period, and nothing beside them.

Belongs here: which loans are plain, and their schedules, to the paisa those of walk.py. Does not: any other loan, nor
anything that happens to one.

A book of plain loans is priced and scheduled by code that compiles in a quarter of the time of the walk that takes any
loan: what the demo and a first day's lake wait for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.columns import (
    ABSENT,
    MILLIONTHS,
    SCHEDULED,
    Amortisation,
    DayCount,
    Method,
    Records,
)
from transforms.kernels.compiled import entry, inner
from transforms.kernels.due_dates import LAST_DAY, NO_DAY, UNITS, first_due, month_and_day
from transforms.kernels.dues import REGULAR_MAX, nominal
from transforms.kernels.installment import proved
from transforms.kernels.interest import EARNED_MAX
from transforms.kernels.money import Mode, rounded_quotient
from transforms.kernels.state import BLANK, HERE, Stop
from transforms.kernels.walk import write_regular_rows

NIGHTS = np.array([1, 7, 31, 366])  # at most, of each unit


def is_plain(loans: Records) -> NDArray[np.bool_]:
    """Which loans (TERMS records that can be walked) are plain."""
    usual = {
        "method": Method.REDUCING,
        "amortisation": Amortisation.EMI,
        "day_count": DayCount.THIRTY_360,
        "interest_basis": SCHEDULED,
        "interest_unit": 1,
        "mode": Mode.HALF_UP,
        "installment_amount": ABSENT,
    }
    none = ("grace_principal", "balloon", "step_count", "custom_count", "fee_count", "fee_disbursal")
    plain: NDArray[np.bool_] = np.all([loans[name] == value for name, value in usual.items()], axis=0)
    plain &= np.all([loans[name] == 0 for name in none], axis=0)
    nights = loans["every"] * NIGHTS[loans["unit"]]
    plain &= loans["principal"].astype(np.float64) * loans["rate"] * nights < REGULAR_MAX
    given = loans["first_due_on"]
    return plain & ((given == NO_DAY) | (given == natural_first_due(loans)))


def natural_first_due(loans: Records) -> NDArray[np.int64]:
    """The day one period after the disbursal, of each loan; as due_dates.first_due."""
    day = loans["disbursed_on"].astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    later = month + loans["every"] * np.where(loans["unit"] == UNITS["year"], 12, 1)
    last = (later + 1).astype("datetime64[D]") - 1
    by_month = np.minimum(later.astype("datetime64[D]") + (day - month), last).astype(np.int64)
    by_days = loans["disbursed_on"] + loans["every"] * NIGHTS[loans["unit"]]
    return np.where(loans["unit"] >= UNITS["month"], by_month, by_days)


@entry
def schedule_plain(book, room, first, before, numbers, money, ends):  # type: ignore[no-untyped-def]
    """As walk.schedule_book, for plain loans."""
    used, work = 0, room[0]
    loan = work.loans[HERE]
    for number in range(first, before):
        end, terms = ends[number], book.terms[number]
        work.loans[HERE] = work.loans[BLANK]
        if used + terms.installments > numbers.shape[1]:
            loan.stop = Stop.BUFFER_FULL
            return number, used
        open_plain(loan, terms, work, number)
        count = 0
        if loan.stop == 0:
            count = write_regular_rows(loan, terms, number, used, numbers, money)
        if 0 < loan.stop < Stop.AMOUNT_TOO_LARGE:
            return number, used
        end.stop, end.stop_event, end.installment = loan.stop, -1, loan.installment_first
        used += count if loan.stop == 0 else 0
    return before, used


@inner
def open_plain(loan, terms, work, number):  # type: ignore[no-untyped-def]
    """A plain loan on the day of its disbursal; what write_regular_rows reads."""
    loan.terms, loan.number_first, loan.number_next, loan.number_last = number, 1, 1, terms.installments
    loan.row_from, loan.rate, loan.principal_scheduled = terms.disbursed_on, terms.rate, terms.principal
    loan.fee_each = terms.fee_each
    first, anchor = first_due(terms.disbursed_on, terms.first_due_on, terms.every, terms.unit)
    loan.due_next, loan.due_anchor, loan.due_months = first, anchor, month_and_day(first)[0]
    loan.period_per, loan.period_of = nominal(terms)
    if first > LAST_DAY:
        loan.stop = Stop.PERIOD_OUT_OF_RANGE
    else:
        price_plain(loan, terms, work)


@inner
def price_plain(loan, terms, work):  # type: ignore[no-untyped-def]
    """The installment that pays the principal off in equal periods of one rate; on either installment_basis."""
    loan.pricings = 1
    if work.given_count > 0:
        loan.installment = work.given[0].installment
    elif loan.rate == 0:
        unit, mode = terms.installment_unit, terms.installment_mode
        loan.installment = rounded_quotient(terms.principal, terms.installments, unit, mode)
    else:
        ask, growths = work.ask[0], work.growths
        ask.whole, ask.rest, ask.of, ask.grows_first, ask.balloon = terms.principal, 0, 1, 1, 0
        ask.rows, ask.position = terms.installments, 1
        above, below = loan.rate * loan.period_per, loan.period_of * MILLIONTHS
        for row in range(terms.installments):
            growths[row].numerator, growths[row].denominator = above, below
        loan.installment = proved(ask, growths, terms.installment_unit, terms.installment_mode)
    if loan.installment > EARNED_MAX:
        loan.stop = Stop.AMOUNT_TOO_LARGE
    elif loan.installment < 0:
        loan.stop = Stop.NEEDS_EXACT_INSTALLMENT
