"""What falls due: the rows of a loan, one after the other, each computed on its day.

Belongs here: opening a loan, the kinds of rows (grace, moratorium, regular, last), pricing the installment. Does not:
what is paid (allocation.py), what events change (events.py).

A schedule is this walk with no events at all; sources: CV-01 to CV-06, rules 3 and 6 to 10.
"""

from __future__ import annotations

import numpy as np

from transforms.kernels.columns import (
    ABSENT,
    INSTALLMENTS_MAX,
    MILLIONTHS,
    PERIODIC_RATE,
    SCHEDULED,
    Amortisation,
    Broken,
    Capitalise,
    DayCount,
    Holiday,
    Method,
)
from transforms.kernels.compiled import entry, hot, inner
from transforms.kernels.due_dates import LAST_DAY, NO_DAY, day_number, due_day, first_due, on_anchor
from transforms.kernels.installment import UNPROVED, proved
from transforms.kernels.interest import (
    EARNED_MAX,
    MONTH,
    YEAR,
    accrue,
    add_earned,
    add_odd,
    boundary,
    days_30e,
    earn,
    earned_beside,
    forget_earned,
    month_and_day,
    multiplied,
    own_from,
    rounded_earned,
    rounded_over,
    rounded_parts,
)
from transforms.kernels.money import Mode, rounded_quotient
from transforms.kernels.state import AHEAD, LOOK, PASSED, ROWS_MAX, Stop

# Principal x rate x nights of a row that takes the short way: its interest is far below interest.QUOTIENT_MAX.
REGULAR_MAX = 1.0e24
# How a row is treated.
REGULAR, INTEREST_ONLY, PUT_OFF, CAPITALISE_NOW = 0, 1, 2, 3


@inner
def open_terms(loan, terms, book, work, day, principal):  # type: ignore[no-untyped-def]
    """Begin a schedule under these terms on a day; rows are numbered on from loan.number_next."""
    loan.number_first = loan.number_next
    loan.number_last = loan.number_next + terms.installments - 1
    loan.inserted, loan.holidays, loan.holiday_rows = 0, 0, 0
    loan.row_from, loan.accrued_to = day, day
    loan.rate = terms.rate
    loan.principal_scheduled = principal
    for place in range(terms.step_count):
        work.steps[place] = book.steps[terms.step_first + place]
    loan.step_next, loan.step_priced = 0, 0
    loan.custom_num, loan.custom_den, loan.custom_left = 1, 1, terms.principal
    loan.is_matured = 0
    if terms.custom_count > 0:
        for place in range(terms.custom_count):
            work.custom[place] = book.custom[terms.custom_first + place]
        loan.due_index, loan.due_next = -1, work.custom[0].due_on
        loan.custom_num, loan.custom_den = principal, terms.principal
    else:
        first, anchor = first_due(day, terms.first_due_on, terms.every, terms.unit)
        loan.due_first, loan.due_anchor, loan.due_index, loan.due_next = first, anchor, 0, first
        loan.due_months = month_and_day(first)[0]
    if loan.due_next > LAST_DAY:
        loan.stop = Stop.PERIOD_OUT_OF_RANGE
    loan.is_regular = is_regular(terms)
    loan.period_per, loan.period_of = nominal(terms)
    open_fees(loan, terms, book, principal)
    mark_broken(loan, terms)
    open_flat(loan, terms, principal)
    # a custom schedule has no natural first period, so none that could be broken
    if terms.broken_period == Broken.UPFRONT:
        loan.upfront_interest += odd_interest(loan, terms)
    loan.flat_now = 0 if terms.method == Method.REDUCING else flat_share(loan, terms, work)
    loan.is_priced = 0
    if terms.installment_amount != ABSENT:
        loan.installment, loan.is_priced = terms.installment_amount, 1


@inner
def open_fees(loan, terms, book, principal):  # type: ignore[no-untyped-def]
    """The fees of these terms, each of them and its GST half up to the currency's smallest amount."""
    loan.fee_each, loan.fee_disbursal = terms.fee_each, terms.fee_disbursal
    for place in range(terms.fee_first, terms.fee_first + terms.fee_count):
        fee = book.fees[place]
        net = share_of(principal, fee.rate, terms.smallest)
        amount = net + share_of(net, fee.gst_rate, terms.smallest)
        if fee.is_each:
            loan.fee_each += amount
        else:
            loan.fee_disbursal += amount


@inner
def share_of(amount, rate, smallest):  # type: ignore[no-untyped-def]
    """amount x rate, half up to the currency's smallest amount."""
    whole, rest = multiplied(amount, rate, MILLIONTHS)
    return rounded_parts(whole, rest, 1, smallest, Mode.HALF_UP)


@inner
def open_flat(loan, terms, principal):  # type: ignore[no-untyped-def]
    """Total interest of flat and rule of 78: principal x rate x nominal years, rounded once (CV-01)."""
    loan.flat_total = 0
    if terms.method != Method.REDUCING:
        per, of = nominal(terms)
        kept, kept_rest, kept_of = loan.earned, loan.earned_rest, loan.earned_of
        loan.earned, loan.earned_rest, loan.earned_of = 0, 0, 1
        earn(loan, principal, 1, terms.rate, per * terms.installments, of)
        loan.flat_total = rounded_earned(loan, terms)
        loan.earned, loan.earned_rest, loan.earned_of = kept, kept_rest, kept_of
    loan.flat_left = loan.flat_total


@inner
def nominal(terms):  # type: ignore[no-untyped-def]
    """A nominal period as a fraction of a year, (per, of)."""
    if terms.unit == YEAR:
        return terms.every, 1
    if terms.unit == MONTH:
        return terms.every, 12
    return terms.every * (7 if terms.unit == 1 else 1), 365


@inner
def mark_broken(loan, terms):  # type: ignore[no-untyped-def]
    """Whether the running row must be taken apart into natural periods: row 1 off its anchor, custom rows."""
    loan.is_broken = 0
    by_period = terms.day_count == DayCount.THIRTY_360 and terms.unit >= MONTH
    is_beside = terms.broken_period != Broken.SPREAD and loan.due_index == 0
    if (by_period or is_beside) and loan.due_index <= 0:
        loan.is_broken = boundary(loan, terms, 1) != loan.row_from


@inner
def odd_interest(loan, terms):  # type: ignore[no-untyped-def]
    """Interest of the odd nights before the whole periods of row 1: principal x rate x nights / 365 (CV-06)."""
    nights = own_from(loan, terms) - loan.row_from
    whole, rest = multiplied(loan.principal_scheduled, nights * loan.rate, 365 * MILLIONTHS)
    return rounded_parts(whole, rest, 365, terms.interest_unit, terms.mode)


@hot
def next_due(loan, terms, work):  # type: ignore[no-untyped-def]
    """Move the running row's days on by one row."""
    loan.row_from = loan.due_next
    if loan.due_index == -1:
        place = min(loan.number_next - loan.number_first, terms.custom_count - 1)
        loan.due_next = work.custom[place].due_on
        mark_broken(loan, terms)
    else:
        loan.due_index += 1
        if terms.unit < MONTH:
            loan.due_next += terms.every * (7 if terms.unit == 1 else 1)
        else:
            loan.due_months += terms.every * (12 if terms.unit == YEAR else 1)
            loan.due_next = on_anchor(loan.due_months, loan.due_anchor)
        loan.is_broken = 0
    if terms.method != Method.REDUCING:
        loan.flat_now = flat_share(loan, terms, work)
    if loan.due_next > LAST_DAY:
        loan.stop = Stop.PERIOD_OUT_OF_RANGE


@inner
def holiday_at(loan, work, number):  # type: ignore[no-untyped-def]
    """Which moratorium the row of this number lies in; -1: none."""
    for place in range(loan.holidays):
        holiday = work.holidays[place]
        if holiday.first <= number < holiday.first + holiday.count:
            return place
    return -1


@inner
def treatment(loan, terms, work, number):  # type: ignore[no-untyped-def]
    """How the row of this number is treated, the last one apart."""
    place = holiday_at(loan, work, number)
    if place >= 0:
        holiday = work.holidays[place]
        if holiday.interest == Holiday.PAY:
            return INTEREST_ONLY
        return CAPITALISE_NOW if is_capitalised(holiday, number) else PUT_OFF
    position = number - loan.number_first - loan.inserted
    if position < terms.grace_interest:
        if terms.capitalise == Capitalise.EACH_DUE:
            return CAPITALISE_NOW
        if terms.capitalise == Capitalise.AT_END and position == terms.grace_interest - 1:
            return CAPITALISE_NOW
        return PUT_OFF
    if position < terms.grace_principal or terms.amortisation == Amortisation.INTEREST_ONLY:
        return INTEREST_ONLY
    return PUT_OFF if terms.amortisation == Amortisation.BULLET else REGULAR


@inner
def is_capitalised(holiday, number):  # type: ignore[no-untyped-def]
    """Whether what was earned in a moratorium is added to principal with the row of this number, its last one."""
    is_last = number == holiday.first + holiday.count - 1 and not holiday.goes_on
    return is_last and holiday.interest == Holiday.CAPITALISE


@inner
def flat_share(loan, terms, work):  # type: ignore[no-untyped-def]
    """Interest of the running row of a flat or rule-of-78 loan; a moratorium's row bears the even share of a period."""
    number = loan.number_next
    if holiday_at(loan, work, number) >= 0:
        return rounded_quotient(loan.flat_total, terms.installments, terms.interest_unit, terms.mode)
    return flat_share_at(loan, terms, number - loan.number_first - loan.inserted + 1, loan.flat_left)


@inner
def flat_share_at(loan, terms, position, left):  # type: ignore[no-untyped-def]
    """Interest of the row at a position of the terms (1 is the first), of what is left; the last row takes the rest."""
    n = terms.installments
    if position >= n:
        return left
    if terms.method == Method.FLAT:
        share = rounded_quotient(loan.flat_total, n, terms.interest_unit, terms.mode)
        return min(share, left)
    parts = n * (n + 1) // 2
    whole, rest = multiplied(loan.flat_total, n - position + 1, parts)
    return min(rounded_over(whole, rest, parts, terms.interest_unit, terms.mode), left)


@inner
def fall_due(loan, terms, work):  # type: ignore[no-untyped-def]
    """Compute the running row on its due date; it becomes a due, and the next row runs."""
    if is_undisturbed(loan, terms):
        fall_due_regularly(loan, terms, work)
        return
    if row_due(loan, terms, work):
        price(loan, terms, work)


@inner
def row_due(loan, terms, work):  # type: ignore[no-untyped-def]
    """fall_due of any row, but for the new price that the end of a moratorium may ask for: whether it does."""
    accrue(loan, terms, loan.due_next)
    if terms.method != Method.REDUCING and holiday_at(loan, work, loan.number_next) < 0:
        loan.flat_left -= loan.flat_now
    row, beside = work.rows[loan.rows], earned_beside(loan, terms)
    earned = beside + rounded_earned(loan, terms)
    kind = treatment(loan, terms, work, loan.number_next)
    if loan.number_next >= loan.number_last or loan.principal_scheduled == 0:
        kind = REGULAR
        loan.number_last = loan.number_next
    principal, interest = 0, 0
    if kind == PUT_OFF:
        put_off(loan, terms)
    elif kind == CAPITALISE_NOW:
        loan.principal_scheduled += earned
        forget_earned(loan)
        if loan.principal_scheduled > EARNED_MAX:
            loan.stop = Stop.AMOUNT_TOO_LARGE
            return False
    else:
        interest = earned
        if kind == REGULAR:
            own = interest - beside - loan.deferred_rounded
            principal = principal_due(loan, terms, work, own)
            loan.installment_first = loan.installment if loan.installment_first == 0 else loan.installment_first
        forget_earned(loan)
    write_row(loan, terms, row, principal, interest)
    if loan.number_next == loan.number_last or loan.principal_scheduled == 0:
        loan.is_matured = 1
    return move_on(loan, terms, work)


@entry
def accrued(loan, terms, work):  # type: ignore[no-untyped-def]
    """Interest earned on the nights before the day on which accrual stands and not yet due, rounded once (rule 1)."""
    if loan.is_matured:
        return 0
    if loan.odd == 0 and loan.odd_rest == 0:
        return rounded_earned(loan, terms)
    work.loans[AHEAD] = loan
    add_odd(work.loans[AHEAD])
    return rounded_earned(work.loans[AHEAD], terms)


@hot
def is_undisturbed(loan, terms):  # type: ignore[no-untyped-def]
    """Whether the running row is one of an equal-installment loan, past any grace, with nothing in its days."""
    return (
        loan.is_regular
        and loan.accrued_to == loan.row_from
        and loan.earned + loan.earned_rest + loan.odd + loan.odd_rest + loan.is_broken + loan.holiday_rows == 0
        and loan.number_next - loan.number_first - loan.inserted >= terms.grace_principal
        and loan.number_next < loan.number_last
        and loan.principal_scheduled > 0
        and np.float64(loan.principal_scheduled) * loan.rate * (loan.due_next - loan.row_from) < REGULAR_MAX
    )


@inner
def is_regular(terms):  # type: ignore[no-untyped-def]
    """Whether most rows of such terms can take the short way of fall_due_regularly."""
    by_period = terms.day_count == DayCount.THIRTY_360 and terms.unit >= MONTH
    return (
        (by_period or terms.day_count == DayCount.ACT_365)
        and terms.method == Method.REDUCING
        and terms.amortisation == Amortisation.EMI
        and terms.interest_basis == SCHEDULED
        and terms.interest_unit == 1
        and terms.mode == Mode.HALF_UP
        and terms.step_count == 0
    )


@hot
def fall_due_regularly(loan, terms, work):  # type: ignore[no-untyped-def]
    """The common row, the short way: what fall_due does when nothing disturbs it, to the paisa."""
    left, due = loan.principal_scheduled, loan.due_next
    times, over = loan.rate * loan.period_per, loan.period_of * MILLIONTHS
    if terms.day_count == DayCount.ACT_365:
        times, over = loan.rate * (due - loan.row_from), 365 * MILLIONTHS
    whole, rest = multiplied(left, times, over)
    interest = whole + (2 * rest >= over)
    principal = min(max(loan.installment - interest, 0), left)
    if principal == left:
        loan.number_last = loan.number_next
    if loan.installment_first == 0:
        loan.installment_first = loan.installment
    loan.accrued_to = due
    write_row(loan, terms, work.rows[loan.rows], principal, interest)
    if principal == left:
        loan.is_matured = 1
    loan.rows += 1
    loan.number_next += 1
    if loan.rows + 2 >= ROWS_MAX or loan.number_next - loan.number_first > INSTALLMENTS_MAX + 1:
        loan.stop = Stop.TOO_MANY_ROWS
        return
    clear_row(work.rows[loan.rows], loan.number_next)
    if not loan.is_matured:
        next_due(loan, terms, work)


@inner
def put_off(loan, terms):  # type: ignore[no-untyped-def]
    """Nothing is paid on this due date: what was earned waits, unrounded, for a later row."""
    loan.deferred, loan.deferred_rest, loan.deferred_of = loan.earned, loan.earned_rest, loan.earned_of
    loan.deferred_rounded = rounded_earned(loan, terms)


@inner
def principal_due(loan, terms, work, own):  # type: ignore[no-untyped-def]
    """Principal of a regular row whose own interest is `own`; the last row takes what is left."""
    left = loan.principal_scheduled
    if loan.number_next >= loan.number_last:
        return left
    if terms.amortisation == Amortisation.CUSTOM:
        principal = min(custom_principal(loan, terms, work), left)
    elif terms.amortisation == Amortisation.EQUAL_PRINCIPAL:
        principal = min(loan.installment, left)
    else:
        take_step(loan, terms, work)
        principal = min(max(loan.installment - own, 0), left)
    if principal == left:
        loan.number_last = loan.number_next
    return principal


@inner
def custom_principal(loan, terms, work):  # type: ignore[no-untyped-def]
    """The agreed principal of the running row, in proportion to what a prepayment or tranche left."""
    planned = work.custom[loan.number_next - loan.number_first].principal
    loan.custom_left -= planned
    return in_proportion(loan, terms, planned)


@inner
def in_proportion(loan, terms, planned):  # type: ignore[no-untyped-def]
    """What a row agreed to repay so much repays of the principal as it is."""
    if loan.custom_num == loan.custom_den:
        return planned
    whole, rest = multiplied(planned, loan.custom_num, loan.custom_den)
    return rounded_over(whole, rest, loan.custom_den, terms.interest_unit, terms.mode)


@inner
def take_step(loan, terms, work):  # type: ignore[no-untyped-def]
    """The installment that the steps set for the running row."""
    position = loan.number_next - loan.number_first - loan.inserted + 1
    while loan.step_next < terms.step_count:
        step = work.steps[loan.step_next]
        if step.from_number <= loan.step_priced:  # used up by the pricing that knew of it
            loan.step_next += 1
            continue
        if step.from_number > position:
            break
        if step.installment_amount != ABSENT:
            loan.installment = step.installment_amount
        else:
            whole, rest = multiplied(loan.installment, MILLIONTHS + step.change, MILLIONTHS)
            loan.installment = rounded_parts(whole, rest, 1, terms.installment_unit, terms.installment_mode)
        loan.step_next += 1


@hot
def write_row(loan, terms, row, principal, interest):  # type: ignore[no-untyped-def]
    """Fill the running row, which may hold charges already, and add it to what is due."""
    row.number, row.due_on = loan.number_next, loan.due_next
    row.principal, row.interest = principal, interest
    row.fee += loan.fee_each
    row.penal_to = loan.due_next
    loan.principal_scheduled -= principal
    row.balance = loan.principal_scheduled
    loan.principal_overdue += principal
    loan.interest_overdue += interest
    loan.fee_due += loan.fee_each
    if principal + interest + row.fee == row.fee_paid + row.fee_waived and not loan.is_run_on:
        row.paid_on = loan.due_next


@inner
def move_on(loan, terms, work):  # type: ignore[no-untyped-def]
    """The next row runs; whether a moratorium that ends here asks for a new installment."""
    ended = loan.number_next
    loan.rows += 1
    loan.number_next += 1
    if loan.rows + 2 >= ROWS_MAX or ended - loan.number_first > INSTALLMENTS_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        return False
    clear_row(work.rows[loan.rows], loan.number_next)
    if loan.is_matured:
        return False
    place = holiday_at(loan, work, ended)
    if place >= 0:
        loan.inserted += 1
        loan.holiday_rows -= 1
    next_due(loan, terms, work)
    return place >= 0 and is_capitalised(work.holidays[place], ended)


@hot
def clear_row(row, number):  # type: ignore[no-untyped-def]
    """An empty row of this number, still to fall due."""
    row.number, row.due_on, row.principal, row.interest, row.fee, row.balance = number, NO_DAY, 0, 0, 0, 0
    row.principal_paid, row.interest_paid, row.fee_paid = 0, 0, 0
    row.principal_waived, row.interest_waived, row.fee_waived = 0, 0, 0
    row.penal, row.penal_charged, row.penal_paid, row.penal_waived, row.paid_on = 0, 0, 0, 0, NO_DAY
    row.penal_days, row.penal_to, row.penal_before, row.penal_before_rest = 0, 0, 0, 0
    row.is_late, row.penal_flat = 0, 0


@inner
def price(loan, terms, work):  # type: ignore[no-untyped-def]
    """Set the installment (or the row principal) from what is left, for the rows that amortise.

    In a grace or a moratorium it is that of the rows after it, as they will stand if nothing more happens.
    """
    if loan.principal_scheduled == 0 or loan.is_matured:
        return
    loan.is_priced = 1
    if terms.amortisation == Amortisation.CUSTOM:
        return
    if terms.amortisation == Amortisation.INTEREST_ONLY or terms.amortisation == Amortisation.BULLET:
        return
    pass_rows(loan, terms, work)
    at = work.loans[PASSED]
    if at.stop != 0:
        loan.stop = at.stop
        return
    amortising = at.number_last - at.number_next + 1 - at.holiday_rows
    if terms.amortisation == Amortisation.EQUAL_PRINCIPAL:
        spread = max(at.principal_scheduled - terms.balloon, 0)
        loan.installment = rounded_quotient(spread, amortising, terms.installment_unit, terms.installment_mode)
        return
    if loan.given_next < work.given_count and work.given[loan.given_next].pricing == loan.pricings:
        loan.installment = work.given[loan.given_next].installment
        loan.given_next += 1
    else:
        ask_installment(at, terms, work, amortising)
        loan.installment = solved(at, terms, work, amortising)
        if at.stop != 0:
            loan.stop = at.stop
        elif loan.installment < 0:
            loan.stop = Stop.NEEDS_EXACT_INSTALLMENT
    loan.pricings += 1
    loan.step_priced = at.number_next - at.number_first - at.inserted + 1
    if loan.installment > EARNED_MAX:
        loan.stop = Stop.AMOUNT_TOO_LARGE


@inner
def pass_rows(loan, terms, work):  # type: ignore[no-untyped-def]
    """A copy of the loan (PASSED), past the rows that settle no principal, as if nothing happened until then.

    Its rows are written behind the running one, where nothing stands yet.
    """
    work.loans[PASSED] = loan
    at = work.loans[PASSED]
    if treatment(at, terms, work, at.number_next) == REGULAR:
        return
    look_ahead(at, work)
    while treatment(at, terms, work, at.number_next) != REGULAR and not at.is_matured and at.stop == 0:
        row_due(at, terms, work)


@inner
def look_ahead(ahead, work):  # type: ignore[no-untyped-def]
    """Let a copy of a loan write its rows behind the running one, where nothing stands yet."""
    ahead.is_run_on = 1
    ahead.rows += 1
    clear_row(work.rows[ahead.rows], ahead.number_next)


@inner
def count_rows(loan, terms, work):  # type: ignore[no-untyped-def]
    """The last row comes where it must if nothing more happens: the rows to come are walked on a copy (LOOK)."""
    if loan.principal_scheduled == 0 or loan.is_matured or loan.stop != 0:
        return
    work.loans[LOOK] = loan
    look = work.loans[LOOK]
    look_ahead(look, work)
    while not look.is_matured and look.stop == 0:
        fall_due(look, terms, work)
    loan.number_last, loan.stop = look.number_next - 1, look.stop
    loan.pricings, loan.given_next = look.pricings, look.given_next


@inner
def price_terms(loan, terms, work):  # type: ignore[no-untyped-def]
    """Price terms as they are agreed; steps that repay more than the principal are refused.

    A receipt is never refused for what it does to the price: then a row may ask for its interest alone.
    """
    if not loan.is_priced:
        price(loan, terms, work)
    if loan.installment < 0 and loan.stop == 0:
        loan.stop = Stop.INSTALLMENT_NOT_POSITIVE


@inner
def solved(loan, terms, work, amortising):  # type: ignore[no-untyped-def]
    """The installment, or UNPROVED (-1)."""
    if terms.step_count > 0:
        return UNPROVED
    is_plain = terms.method != Method.REDUCING or loan.rate == 0
    ask = work.ask[0]
    if is_plain and ask.rest == 0 and ask.whole >= ask.balloon:
        spread = ask.whole - ask.balloon
        return rounded_quotient(spread, amortising, terms.installment_unit, terms.installment_mode)
    return proved(ask, work.growths, terms.installment_unit, terms.installment_mode)


@inner
def ask_installment(loan, terms, work, amortising):  # type: ignore[no-untyped-def]
    """Fill work.ask: what the amortising rows, from the running one on, must pay off, and how each grows it."""
    ask, growths = work.ask[0], work.growths
    ask.whole, ask.rest, ask.of, ask.grows_first = loan.principal_scheduled, 0, 1, 0
    ask.balloon, ask.rows = terms.balloon, amortising
    ask.position = loan.number_next - loan.number_first - loan.inserted + 1
    if amortising > INSTALLMENTS_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        ask.rows = 1
        return
    per, of = nominal(terms)
    if terms.method != Method.REDUCING:
        left = loan.flat_left
        for row in range(amortising):
            share = flat_share_at(loan, terms, ask.position + row, left)
            left -= share
            ask.whole += share
            growths[row].numerator, growths[row].denominator = 0, 1
    elif terms.installment_basis == PERIODIC_RATE:
        ask.grows_first = 1
        for row in range(amortising):
            growths[row].numerator, growths[row].denominator = loan.rate * per, of * MILLIONTHS
    else:
        ask_running_row(loan, terms, work)
        ask_later_rows(loan, terms, work, amortising)


@inner
def ask_running_row(loan, terms, work):  # type: ignore[no-untyped-def]
    """What the running row brings: the principal, what it has earned itself, and its nights to come."""
    work.loans[AHEAD] = loan
    ahead = work.loans[AHEAD]
    ahead.is_run_on, ahead.earned, ahead.earned_rest, ahead.earned_of = 1, 0, 0, 1
    accrue(ahead, terms, ahead.due_next)
    if loan.earned != 0 or loan.earned_rest != 0:
        add_earned(ahead, loan.earned, loan.earned_rest, loan.earned_of)
    if loan.deferred != 0 or loan.deferred_rest != 0:
        over = loan.deferred_of * MILLIONTHS
        add_earned(ahead, -loan.deferred - 1, over - loan.deferred_rest, loan.deferred_of)
    loan.stop = ahead.stop
    ask = work.ask[0]
    ask.whole, ask.rest, ask.of = loan.principal_scheduled + ahead.earned, ahead.earned_rest, ahead.earned_of


@inner
def ask_later_rows(loan, terms, work, amortising):  # type: ignore[no-untyped-def]
    """Each later amortising row's own fraction; rows of a moratorium grow nothing that the installment pays."""
    per, of, growths = loan.period_per, loan.period_of, work.growths
    by_days = terms.day_count != DayCount.THIRTY_360
    row, index, number = 1, loan.due_index, loan.number_next
    since = loan.due_next
    while row < amortising:
        index, number = index + 1, number + 1
        due = since
        if by_days:
            due = due_day(loan.due_first, loan.due_anchor, terms.every, terms.unit, index)
        if holiday_at(loan, work, number) < 0:
            if by_days:
                above, below = fraction_by_days(terms.day_count, loan.rate, since, due)
                growths[row].numerator, growths[row].denominator = above, below
            else:
                growths[row].numerator, growths[row].denominator = loan.rate * per, of * MILLIONTHS
            row += 1
        since = due


@inner
def fraction_by_days(day_count, rate, start, to):  # type: ignore[no-untyped-def]
    """Interest of the nights from start to `to` on one unit of principal, (numerator, denominator)."""
    if day_count == DayCount.THIRTY_E_360:
        return rate * (days_30e(to) - days_30e(start)), 360 * MILLIONTHS
    if day_count == DayCount.ACT_360:
        return rate * (to - start), 360 * MILLIONTHS
    if day_count == DayCount.ACT_ACT:
        return rate * nights_365x366(start, to), 365 * 366 * MILLIONTHS
    return rate * (to - start), 365 * MILLIONTHS


@inner
def nights_365x366(start, to):  # type: ignore[no-untyped-def]
    """Nights over the days of their years, as a numerator over 365 x 366."""
    total = 0
    while start < to:
        year = month_and_day(start)[0] // 12
        new_year = day_number(year + 1, 1, 1)
        until = min(to, new_year)
        days = new_year - day_number(year, 1, 1)
        total += (until - start) * (366 if days == 365 else 365)
        start = until
    return total
