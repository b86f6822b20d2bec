"""The contractual schedule of reducing-balance loans with equal installments, exact to the paisa.

Belongs here: interest and principal of each installment (CV-01 to CV-03, `periodic_rate`). Does not: broken first
periods, grace, steps, flat interest; what was paid (allocation).

Conventions. A period bears its nominal fraction of a year (month n/12, day n/365, week 7n/365, year n), the first one
too. Interest of a row is the opening balance x rate x period, half up to the currency's smallest amount. Principal is
the rest of the installment, never below zero and never more than is left; the last row takes what is left.

`schedule` is the rule on one loan, written to be read. `schedule_book` is the same on columns of whole loans, compiled;
a test equates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numba import njit

from transforms.kernels.annuity import UNPROVED, installment_exact, installments_proved
from transforms.kernels.due_dates import LAST_DAY, NO_DAY, due_dates, due_day, first_due
from transforms.kernels.money import SMALLEST, Mode, half_up, hundredths, major, rounded_fraction
from transforms.kernels.terms import (
    AMOUNT_MAX,
    EVERY_MAX,
    INSTALLMENTS_MAX,
    MILLIONTHS,
    RATE_MAX,
    Integers,
    SetAside,
    Terms,
    TermsColumns,
    columns,
)

# Periods a year, as (numerator, denominator) of one unit's fraction of a year.
FRACTION_OF_YEAR = {"day": (1, 365), "week": (7, 365), "month": (1, 12), "year": (1, 1)}
INT64_MAX = 2.0**63


@dataclass(frozen=True)
class Installment:
    """One row: money in major units; balance is the principal left after it."""

    number: int
    due_on: date
    principal: Decimal
    interest: Decimal
    total: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Schedule:
    """The rows of one loan, and the equal installment they were cut from."""

    installment_amount: Decimal
    installments: tuple[Installment, ...]


@dataclass(frozen=True)
class ScheduleColumns:
    """The rows of many loans, loan by loan, installment by installment; money in hundredths, dates in days since 1970.

    loan: position of the row's loan in the terms. total_to_date: what has fallen due up to and with the row.
    installment_amount and set_aside (numbers of SetAside) have one value a loan; a loan set aside has no rows.
    """

    loan: Integers
    number: Integers
    due_on: Integers
    principal: Integers
    interest: Integers
    total_to_date: Integers
    balance: Integers
    installment_amount: Integers
    set_aside: Integers


def schedule(terms: Terms) -> Schedule:
    """The schedule of one loan. ValueError when it cannot be computed, naming why."""
    reason = SetAside(int(_examined(columns([terms]))[0][0]))
    if reason is not SetAside.NONE:
        raise ValueError(f"no schedule: {reason.name.lower().replace('_', ' ')} ({terms})")
    part, whole = FRACTION_OF_YEAR[terms.repay_unit]
    rate = Fraction(terms.annual_rate) * Fraction(part * terms.repay_every, whole)
    rounding = terms.installment_rounding
    amount = installment_exact(
        hundredths(terms.principal),
        rate.numerator,
        rate.denominator,
        terms.installments,
        rounding.hundredths,
        rounding.mode,
    )
    balance, rows = hundredths(terms.principal), []
    days = due_dates(terms.disbursed_on, terms.first_due_on, terms.repay_every, terms.repay_unit, terms.installments)
    for number, due_on in enumerate(days, start=1):
        interest = rounded_fraction(balance * rate, SMALLEST[terms.currency], Mode.HALF_UP)
        principal = balance if number == terms.installments else min(max(amount - interest, 0), balance)
        balance -= principal
        money = (major(part) for part in (principal, interest, principal + interest, balance))
        rows.append(Installment(number, due_on, *money))
    return Schedule(major(amount), tuple(rows))


def schedule_book(terms: TermsColumns) -> ScheduleColumns:
    """The schedules of many loans; loans that cannot be computed are set aside with a reason. Frees the GIL."""
    set_aside, numerator, denominator = _examined(terms)
    amount = _installments(terms, numerator, denominator, set_aside)
    _set_aside_large(amount, terms.installments, set_aside)
    rows = int(np.sum(np.where(set_aside == 0, terms.installments, 0)))
    out = tuple(np.empty((7, rows), np.int64))
    _fill(terms.arrays(), numerator, denominator, amount, set_aside, out)
    return ScheduleColumns(*out, amount, set_aside)  # type: ignore[call-arg]


def _examined(terms: TermsColumns) -> tuple[Integers, Integers, Integers]:
    """(set_aside, numerator, denominator): the guards, and each loan's rate of one period as a reduced fraction."""
    out = tuple(np.zeros(len(terms), np.int64) for _ in range(3))
    _examine(terms.arrays(), *out)
    return out  # type: ignore[return-value]


def _installments(terms: TermsColumns, numerator: Integers, denominator: Integers, set_aside: Integers) -> Integers:
    amount = np.zeros(len(terms), np.int64)
    good = np.flatnonzero(set_aside == 0)
    of_good = (
        terms.principal,
        numerator,
        denominator,
        terms.installments,
        terms.installment_unit,
        terms.installment_mode,
    )
    arguments = tuple(array[good] for array in of_good)
    proved = np.empty(len(good), np.int64)
    installments_proved(*arguments, proved)
    for loan in np.flatnonzero(proved == UNPROVED):
        principal, above, below, n, unit, mode = (int(array[loan]) for array in arguments)
        proved[loan] = min(installment_exact(principal, above, below, n, unit, Mode(mode)), AMOUNT_MAX)
    amount[good] = proved
    return amount


@njit(nogil=True, cache=True)
def _set_aside_large(amount, installments, set_aside):  # type: ignore[no-untyped-def]
    for loan in range(len(amount)):
        if set_aside[loan] == 0 and amount[loan] > AMOUNT_MAX // installments[loan]:
            set_aside[loan] = SetAside.AMOUNT_TOO_LARGE


@njit(nogil=True, cache=True)
def _examine(terms, set_aside, numerator, denominator):  # type: ignore[no-untyped-def]
    principal, rate, installments, disbursed_on, first_due_on, every, unit, smallest, _, _ = terms
    for loan in range(len(principal)):
        if not 0 < principal[loan] <= AMOUNT_MAX or principal[loan] % smallest[loan] != 0:
            set_aside[loan] = SetAside.PRINCIPAL_OUT_OF_RANGE
        elif not 0 <= rate[loan] <= RATE_MAX:
            set_aside[loan] = SetAside.RATE_OUT_OF_RANGE
        elif not 1 <= every[loan] <= EVERY_MAX:
            set_aside[loan] = SetAside.PERIOD_OUT_OF_RANGE
        elif not 1 <= installments[loan] <= INSTALLMENTS_MAX:
            set_aside[loan] = SetAside.INSTALLMENTS_OUT_OF_RANGE
        elif first_due_on[loan] != NO_DAY and first_due_on[loan] <= disbursed_on[loan]:
            set_aside[loan] = SetAside.FIRST_DUE_NOT_AFTER_DISBURSAL
        else:
            above, below = _period_rate(rate[loan], every[loan], unit[loan])
            numerator[loan], denominator[loan] = above, below
            first, anchor = first_due(disbursed_on[loan], first_due_on[loan], every[loan], unit[loan])
            last = due_day(first, anchor, every[loan], unit[loan], installments[loan] - 1)
            # what _interest multiplies must fit into int64, and a loan's interest into decimal(18,2)
            if last > LAST_DAY or (2.0 * above + 1.0) * below * smallest[loan] >= INT64_MAX:
                set_aside[loan] = SetAside.PERIOD_OUT_OF_RANGE
            elif np.float64(principal[loan]) * above / below * installments[loan] >= AMOUNT_MAX:
                set_aside[loan] = SetAside.AMOUNT_TOO_LARGE


@njit(nogil=True, cache=True)
def _period_rate(rate, every, unit):  # type: ignore[no-untyped-def]
    """Interest of one period as a reduced fraction: rate is millionths a year."""
    above, below = rate * every, MILLIONTHS
    if unit == 0:
        below *= 365
    elif unit == 1:
        above, below = above * 7, below * 365
    elif unit == 2:
        below *= 12
    common, rest = above, below
    while rest:
        common, rest = rest, common % rest
    return above // common, below // common


@njit(nogil=True, cache=True)
def _interest(balance, numerator, denominator, smallest):  # type: ignore[no-untyped-def]
    """balance x numerator / denominator, half up to whole multiples of smallest.

    Quotient and remainder apart: balance x numerator would wrap beyond some Rs 1,000 crore.
    """
    divisor = denominator * smallest
    whole = balance // divisor
    return (whole * numerator + half_up((balance - whole * divisor) * numerator, divisor)) * smallest


@njit(nogil=True, cache=True)
def _fill(terms, numerator, denominator, amount, set_aside, out):  # type: ignore[no-untyped-def]
    principal, _, installments, disbursed_on, first_due_on, every, unit, smallest, _, _ = terms
    out_loan, out_number, out_due_on, out_principal, out_interest, out_total, out_balance = out
    row = 0
    for loan in range(len(principal)):
        if set_aside[loan] != 0:
            continue
        balance, total = principal[loan], 0
        first, anchor = first_due(disbursed_on[loan], first_due_on[loan], every[loan], unit[loan])
        for index in range(installments[loan]):
            interest = _interest(balance, numerator[loan], denominator[loan], smallest[loan])
            paid = min(max(amount[loan] - interest, 0), balance)
            if index == installments[loan] - 1:
                paid = balance
            balance -= paid
            total += paid + interest
            out_loan[row] = loan
            out_number[row] = index + 1
            out_due_on[row] = due_day(first, anchor, every[loan], unit[loan], index)
            out_principal[row] = paid
            out_interest[row] = interest
            out_total[row] = total
            out_balance[row] = balance
            row += 1
