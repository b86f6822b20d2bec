"""Interest earned night by night, exact to a fraction of a paisa, rounded once when it falls due.

Belongs here: day counts, the sum of what is earned. Does not: when it falls due (dues.py).

Interest of some nights is principal x nights x rate x per / (of x MILLIONTHS): ACT/365 has per 1 of 365, a part of a
month under 30/360 has per 1 of 12 x the nights of that month. The sum is kept as whole hundredths and a rest over (of x
MILLIONTHS), so that parts with different day counts add up exactly; of grows to the common multiple.
"""

from __future__ import annotations

import numpy as np

from transforms.kernels.columns import DAILY, MILLIONTHS, Broken, DayCount, Method
from transforms.kernels.compiled import inner
from transforms.kernels.due_dates import day_number, due_day, month_and_day
from transforms.kernels.money import Mode
from transforms.kernels.state import Stop

EARNED_MAX = 10**17  # a digit below what decimal(18,2) holds, so that sums of a loan fit too
QUOTIENT_MAX = 1.0e17  # of one multiplication; float64 has such a number within 32
OF_MAX = 4_000_000_000_000  # of x MILLIONTHS, and twice a rest, still fit into int64
MONTH, YEAR = 2, 3


@inner
def earn(loan, principal, nights, rate, per, of):  # type: ignore[no-untyped-def]
    """Add principal x nights x rate x per / (of x MILLIONTHS) to what the loan has earned."""
    if np.float64(principal) * nights * rate * per > QUOTIENT_MAX * of * MILLIONTHS:
        loan.stop = Stop.AMOUNT_TOO_LARGE
        return
    whole, rest = multiplied(principal, nights * rate * per, of * MILLIONTHS)
    add_earned(loan, whole, rest, of)


@inner
def multiplied(amount, times, over):  # type: ignore[no-untyped-def]
    """(quotient, remainder) of amount x times / over, all whole and positive, the quotient below QUOTIENT_MAX.

    The product may be larger than int64, as for Rs 1,000 crore at 12 % over a quarter, and then wraps. float64 gives
    the quotient within 32, so the true remainder is small, and arithmetic modulo 2^64 has it exactly.
    """
    return corrected(np.int64(np.float64(amount) * np.float64(times) / np.float64(over)), amount, times, over)


@inner
def corrected(quotient, amount, times, over):  # type: ignore[no-untyped-def]
    """(quotient, remainder) of amount x times / over, from a quotient that is off by little."""
    rest = amount * times - quotient * over
    while rest < 0:
        quotient -= 1
        rest += over
    while rest >= over:
        quotient += 1
        rest -= over
    return quotient, rest


@inner
def add_earned(loan, whole, rest, of):  # type: ignore[no-untyped-def]
    """Add whole + rest / (of x MILLIONTHS); rest may be anything from 0 to below of x MILLIONTHS."""
    loan.earned += whole
    if loan.earned > EARNED_MAX:
        loan.stop = Stop.AMOUNT_TOO_LARGE
        return
    if loan.earned_of == of:
        loan.earned_rest += rest
    elif loan.earned_rest == 0:
        loan.earned_of, loan.earned_rest = of, rest
    elif rest != 0:
        common = loan.earned_of // divisor(loan.earned_of, of) * of
        if common > OF_MAX:
            loan.stop = Stop.PERIOD_OUT_OF_RANGE
            return
        loan.earned_rest = loan.earned_rest * (common // loan.earned_of) + rest * (common // of)
        loan.earned_of = common
    if loan.earned_rest >= loan.earned_of * MILLIONTHS:
        loan.earned_rest -= loan.earned_of * MILLIONTHS
        loan.earned += 1


@inner
def divisor(a, b):  # type: ignore[no-untyped-def]
    """The greatest common divisor."""
    while b:
        a, b = b, a % b
    return a


@inner
def rounded_earned(loan, terms):  # type: ignore[no-untyped-def]
    """What is earned, as a whole multiple of the terms' unit for interest, in their mode."""
    return rounded_parts(loan.earned, loan.earned_rest, loan.earned_of, terms.interest_unit, terms.mode)


@inner
def earned_beside(loan, terms):  # type: ignore[no-untyped-def]
    """What odd nights earned, rounded by itself."""
    return rounded_parts(loan.odd, loan.odd_rest, 365, terms.interest_unit, terms.mode)


@inner
def add_odd(loan):  # type: ignore[no-untyped-def]
    """Count what odd nights earned as earned like any other."""
    add_earned(loan, loan.odd, loan.odd_rest, 365)
    loan.odd, loan.odd_rest = 0, 0


@inner
def rounded_parts(whole, rest, of, unit, mode):  # type: ignore[no-untyped-def]
    """whole + rest / (of x MILLIONTHS) as a whole multiple of unit, by mode; whole >= 0."""
    return rounded_over(whole, rest, of * MILLIONTHS, unit, mode)


@inner
def rounded_over(whole, rest, over, unit, mode):  # type: ignore[no-untyped-def]
    """whole + rest / over as a whole multiple of unit, by mode; whole >= 0, 0 <= rest < over < 2^62."""
    steps = whole if unit == 1 else whole // unit
    left = whole - steps * unit
    # twice the remainder against the unit, without a product of the two: -1 below half, 0 half, 1 above
    above = 2 * left - unit
    half = 1 if above > 0 else -1
    if above == 0:
        half = 1 if rest > 0 else 0
    elif above == -1:
        half = 1 if 2 * rest > over else (0 if 2 * rest == over else -1)
    if mode == Mode.HALF_UP:
        steps += half >= 0
    elif mode == Mode.HALF_EVEN:
        steps += half > 0 or (half == 0 and steps % 2 == 1)
    elif mode == Mode.UP:
        steps += left > 0 or rest > 0
    return steps * unit


@inner
def forget_earned(loan):  # type: ignore[no-untyped-def]
    """Start anew: what was earned has fallen due, or was capitalised."""
    loan.earned, loan.earned_rest, loan.earned_of = 0, 0, 1
    loan.deferred, loan.deferred_rest, loan.deferred_of, loan.deferred_rounded = 0, 0, 1, 0
    loan.odd, loan.odd_rest = 0, 0


@inner
def bearing(loan, terms):  # type: ignore[no-untyped-def]
    """The principal that bears interest: the scheduled one (rule 6), or what is really outstanding (rule 7)."""
    if terms.interest_basis == DAILY and not loan.is_run_on:
        return loan.principal_scheduled + loan.principal_overdue
    return loan.principal_scheduled


@inner
def accrue(loan, terms, to):  # type: ignore[no-untyped-def]
    """Earn the nights from where accrual stands to the day `to`. Nothing is earned after the last due date."""
    start = loan.accrued_to
    if to <= start or loan.is_matured:
        return
    loan.accrued_to = to
    if loan.principal_scheduled == 0:
        return
    principal = bearing(loan, terms)
    if not loan.is_broken:
        accrue_part(loan, terms, principal, start, to, loan.row_from, loan.due_next)
    else:
        accrue_broken(loan, terms, principal, start, to)


@inner
def accrue_part(loan, terms, principal, start, to, period_from, period_to):  # type: ignore[no-untyped-def]
    """Earn the nights from start to `to`, which lie within one period."""
    count, rate = terms.day_count, loan.rate
    if terms.method != Method.REDUCING:
        # the share of the running row, evenly over its nights
        earn(loan, loan.flat_now, to - start, MILLIONTHS, 1, loan.due_next - own_from(loan, terms))
    elif count == DayCount.THIRTY_360 and terms.unit >= MONTH:
        of, per = (12, terms.every) if terms.unit == MONTH else (1, terms.every)
        if start == period_from and to == period_to:
            earn(loan, principal, 1, rate, per, of)
        else:
            earn(loan, principal, to - start, rate, per, of * (period_to - period_from))
    elif count == DayCount.THIRTY_E_360:
        earn(loan, principal, days_30e(to) - days_30e(start), rate, 1, 360)
    elif count == DayCount.ACT_360:
        earn(loan, principal, to - start, rate, 1, 360)
    elif count == DayCount.ACT_ACT:
        accrue_by_year(loan, principal, rate, start, to)
    else:
        earn(loan, principal, to - start, rate, 1, 365)


@inner
def accrue_by_year(loan, principal, rate, start, to):  # type: ignore[no-untyped-def]
    """ACT/ACT: each night over the days of the calendar year in which it begins."""
    while start < to:
        year = month_and_day(start)[0] // 12
        new_year = day_number(year + 1, 1, 1)
        until = min(to, new_year)
        earn(loan, principal, until - start, rate, 1, new_year - day_number(year, 1, 1))
        start = until


@inner
def days_30e(day):  # type: ignore[no-untyped-def]
    """Days of 30E/360 since year 0: the 31st counts as the 30th."""
    months, of_month = month_and_day(day)
    return months * 30 + min(of_month, 30)


@inner
def accrue_broken(loan, terms, principal, start, to):  # type: ignore[no-untyped-def]
    """Earn nights of a row that is no natural period: whole periods counted back from its due date, then odd nights."""
    back = periods_back(loan, terms, start)
    while start < to and loan.stop == 0:
        period_to = boundary(loan, terms, back)
        period_from = boundary(loan, terms, back + 1)
        until = min(to, period_to)
        is_odd = period_from < loan.row_from and terms.broken_period != Broken.SPREAD and loan.due_index == 0
        if not is_odd:
            accrue_part(loan, terms, principal, start, until, period_from, period_to)
        elif terms.broken_period == Broken.FIRST_INSTALLMENT:
            # beside the installment: the odd nights are rounded by themselves (CV-06)
            whole, rest = multiplied(principal, (until - start) * loan.rate, 365 * MILLIONTHS)
            loan.odd, loan.odd_rest = carried(loan.odd + whole, loan.odd_rest + rest, 365)
        start, back = until, back - 1


@inner
def carried(whole, rest, of):  # type: ignore[no-untyped-def]
    """whole + rest / (of x MILLIONTHS) with a rest below one; rest is below two."""
    return (whole + 1, rest - of * MILLIONTHS) if rest >= of * MILLIONTHS else (whole, rest)


@inner
def own_from(loan, terms):  # type: ignore[no-untyped-def]
    """The first night of the running row's own interest: odd nights before the whole periods of row 1 are not."""
    if not loan.is_broken or terms.broken_period == Broken.SPREAD or loan.due_index != 0:
        return loan.row_from
    back = periods_back(loan, terms, loan.row_from)
    return loan.row_from if boundary(loan, terms, back + 1) == loan.row_from else boundary(loan, terms, back)


@inner
def boundary(loan, terms, back):  # type: ignore[no-untyped-def]
    """The day so many natural periods before the running row's due date."""
    if loan.due_index >= 0:
        return due_day(loan.due_first, loan.due_anchor, terms.every, terms.unit, loan.due_index - back)
    anchor = month_and_day(loan.due_next)[1]
    return due_day(loan.due_next, anchor, terms.every, terms.unit, -back)


@inner
def periods_back(loan, terms, day):  # type: ignore[no-untyped-def]
    """How many natural periods before the due date the period of the night after `day` ends."""
    back = 0
    while boundary(loan, terms, back + 1) > day:
        back += 1
    return back
