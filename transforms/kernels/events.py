"""What each event does to a loan, one function a type.

Belongs here: the events of INTERFACES.md, section 2, applied on loan.day after what falls due. Does not: their order
(columns.py), what receipts settle (allocation.py).
"""

from __future__ import annotations

from transforms.kernels.allocation import (
    NO_NUMBER,
    allocate,
    fee_unpaid,
    grow_penal,
    hold,
    interest_unpaid,
    keep_penal,
    mark_cleared,
    penal_unpaid,
    principal_unpaid,
    set_off,
    settle,
    unpaid,
    use_held,
)
from transforms.kernels.columns import (
    ABSENT,
    INSTALLMENTS_MAX,
    MILLIONTHS,
    Adjust,
    Amortisation,
    Component,
    Excess,
    Kind,
    Method,
    Overdue,
)
from transforms.kernels.compiled import entry, hot, inner
from transforms.kernels.due_dates import NO_DAY, due_day, month_and_day
from transforms.kernels.dues import (
    PUT_OFF,
    accrued,
    clear_row,
    count_rows,
    fall_due,
    flat_share,
    flat_share_at,
    in_proportion,
    look_ahead,
    mark_broken,
    next_due,
    nominal,
    open_terms,
    price,
    price_terms,
    put_off,
    share_of,
    take_step,
    treatment,
)
from transforms.kernels.interest import (
    accrue,
    add_odd,
    earned_beside,
    forget_earned,
    multiplied,
    rounded_earned,
)
from transforms.kernels.state import CHARGES_MAX, HOLIDAYS_MAX, LOOK, ROWS_MAX, Stop


@hot
def apply(loan, terms, work, event, e):  # type: ignore[no-untyped-def]
    """Apply event e of the book on loan.day; False for the rarer ones, which need the book (apply_to_schedule)."""
    kind, amount = event.kind, event.amount
    if kind == Kind.PAYMENT:
        receive(loan, terms, work, e, amount)
    elif kind == Kind.PREPAYMENT:
        left = settle(loan, terms, work, amount, e, False)
        left = prepay(loan, terms, work, e, left, event.option)
        hold(loan, work, e, left)
    elif kind == Kind.CHARGE:
        if event.option == Component.FEE:
            amount += share_of(amount, event.rate, terms.smallest)
        charge(loan, terms, work, amount, event.option)
    elif kind == Kind.RECOVERY:
        recover(loan, terms, work, e, amount)
    elif kind == Kind.RATE_CHANGE:
        change_rate(loan, terms, work, event.rate, event.option)
    elif kind == Kind.DISBURSEMENT:
        disburse(loan, terms, work, amount, event.option)
    elif kind == Kind.WAIVER:
        waive(loan, terms, work, amount, event.option)
    elif kind == Kind.REFUND:
        refund(loan, work, e, amount)
    elif kind == Kind.WRITE_OFF:
        write_off(loan, amount)
    else:
        return False
    return True


@inner
def apply_to_schedule(loan, terms, book, work, e):  # type: ignore[no-untyped-def]
    """The rarer events, which replace or stretch the schedule."""
    event = book.events[e]
    kind = event.kind
    if kind == Kind.MORATORIUM:
        pause(loan, terms, work, event.number, event.count, event.option)
    elif kind == Kind.RESTRUCTURE:
        restructure(loan, terms, book, work, event.extra, event.option)
    elif kind == Kind.TAKEOVER:
        take_over(loan, terms, work, book.takeovers[event.extra], event.amount)
    elif kind == Kind.FORECLOSURE:
        foreclose(loan, terms, work, e, event.amount)


@hot
def receive(loan, terms, work, e, amount):  # type: ignore[no-untyped-def]
    """A payment settles what is due on its day; what is left goes by the terms' excess rule (rules 4 and 5)."""
    left = settle(loan, terms, work, amount, e, False)
    if left > 0 and terms.excess != Excess.HOLD and not loan.is_matured:
        kept = min(left, max(running_total(loan, terms, work) - loan.excess, 0))
        mode = Adjust.INSTALLMENT if terms.excess == Excess.REDUCE_INSTALLMENT else Adjust.TENOR
        left = kept + prepay(loan, terms, work, e, left - kept, mode)
    hold(loan, work, e, left)


@inner
def running_total(loan, terms, work):  # type: ignore[no-untyped-def]
    """What the first row due after loan.day will ask for, as it would fall due: a look ahead on a copy."""
    work.loans[LOOK] = loan
    look = work.loans[LOOK]
    look_ahead(look, work)
    place = look.rows
    fall_due(look, terms, work)
    loan.stop, loan.pricings, loan.given_next = look.stop, look.pricings, look.given_next
    row = work.rows[place]
    return row.principal + row.interest + row.fee if look.rows > place else 0


@inner
def prepay(loan, terms, work, e, amount, mode):  # type: ignore[no-untyped-def]
    """Pay principal before it is due; nights from this day bear the lower balance (rule 8). What is left beyond it."""
    paid = min(amount, loan.principal_scheduled)
    if paid == 0 or loan.stop != 0:
        return amount
    accrue(loan, terms, loan.day)
    if mode == Adjust.TENOR and terms.amortisation == Amortisation.CUSTOM:
        agree_custom(loan, terms, work)
        shrink_from_the_last(loan, work, paid)
    loan.principal_scheduled -= paid
    loan.written_off = max(loan.written_off - paid, 0)
    allocate(loan, work, e, NO_NUMBER, 0, 0, 0, paid, 0)
    if mode == Adjust.INSTALLMENT:
        reprice(loan, terms, work)
    else:
        count_rows(loan, terms, work)
    end_when_nothing_is_left(loan, terms, work)
    return amount - paid


@inner
def end_when_nothing_is_left(loan, terms, work):  # type: ignore[no-untyped-def]
    """Nothing left and nothing earned: no further row, but for charges that waited for one."""
    if loan.is_matured or loan.principal_scheduled > 0 or earned_beside(loan, terms) + rounded_earned(loan, terms) > 0:
        return
    loan.is_matured, loan.number_last = 1, loan.number_next - 1
    row = work.rows[loan.rows]
    if row.fee + row.penal_charged > 0:
        close_extra_row(loan, work)
        mark_cleared(loan, row, loan.rows - 1)


@inner
def agree_custom(loan, terms, work):  # type: ignore[no-untyped-def]
    """What the rows of a custom schedule will repay as things stand counts as agreed from now on."""
    left, first = loan.principal_scheduled, loan.number_first
    for number in range(loan.number_next, loan.number_last + 1):
        row = work.custom[number - first]
        row.principal = left if number == loan.number_last else min(left, in_proportion(loan, terms, row.principal))
        left -= row.principal
    loan.custom_num, loan.custom_den, loan.custom_left = 1, 1, loan.principal_scheduled


@inner
def shrink_from_the_last(loan, work, amount):  # type: ignore[no-untyped-def]
    """Take a prepayment off the last rows of a custom schedule."""
    first = loan.number_first
    loan.custom_left -= amount
    for number in range(loan.number_last, loan.number_next - 1, -1):
        row = work.custom[number - first]
        cut = min(amount, row.principal)
        row.principal -= cut
        amount -= cut


@inner
def reprice(loan, terms, work):  # type: ignore[no-untyped-def]
    """The installment gives way, from the first row due after loan.day on."""
    if terms.amortisation == Amortisation.CUSTOM:
        loan.custom_num = loan.principal_scheduled
        loan.custom_den = max(loan.custom_left, 1)
    price(loan, terms, work)


@inner
def charge(loan, terms, work, amount, component):  # type: ignore[no-untyped-def]
    """A fee with its GST, or a penal charge (no GST, TX-02), due today; of the first installment due today or later."""
    index = loan.rows
    if index > 0 and work.rows[index - 1].due_on == loan.day:
        index -= 1
    row = work.rows[index]
    if component == Component.PENAL:
        row.penal_charged += amount
    else:
        book_fee(loan, row, index, work, amount)
        row.paid_on = NO_DAY
    loan.row_open = min(loan.row_open, index)
    if loan.is_matured and index == loan.rows:
        close_extra_row(loan, work)
        mark_cleared(loan, row, index)
    set_off(loan, terms, work)


@inner
def book_fee(loan, row, index, work, amount):  # type: ignore[no-untyped-def]
    """Add a fee that is due today to a row."""
    row.fee += amount
    loan.fee_due += amount
    if loan.charges >= CHARGES_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        return
    place = work.charges[loan.charges]
    place.row, place.on, place.amount = index, loan.day, amount
    loan.charges += 1


@inner
def close_extra_row(loan, work):  # type: ignore[no-untyped-def]
    """A charge after the last installment makes a row of its own."""
    row = work.rows[loan.rows]
    row.due_on, row.penal_to = loan.day, loan.day
    loan.rows += 1
    loan.number_next += 1
    if loan.rows + 2 >= ROWS_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        return
    clear_row(work.rows[loan.rows], loan.number_next)


@inner
def recover(loan, terms, work, e, amount):  # type: ignore[no-untyped-def]
    """Money after a write-off settles what is due in its own order (WO-01)."""
    if not loan.is_written_off:
        loan.stop = Stop.RECOVERY_BEFORE_WRITE_OFF
        return
    left = settle(loan, terms, work, amount, e, False)
    hold(loan, work, e, left)


@inner
def change_rate(loan, terms, work, rate, adjust):  # type: ignore[no-untyped-def]
    """The nights from today bear the new rate; the installment or the tenor changes from the next row on (rule 10)."""
    if terms.method != Method.REDUCING:
        loan.stop = Stop.FLAT_HAS_NO_RATE_CHANGE
        return
    accrue(loan, terms, loan.day)
    loan.rate = rate
    if adjust == Adjust.INSTALLMENT:
        reprice(loan, terms, work)
    else:
        stretch(loan, terms, work)


@inner
def stretch(loan, terms, work):  # type: ignore[no-untyped-def]
    """Keep the installment and let the rows be as many as it takes; refused when interest would eat the installment."""
    if loan.is_matured or loan.principal_scheduled == 0:
        return
    if terms.amortisation == Amortisation.EMI or terms.amortisation == Amortisation.STEP:
        per, of = nominal(terms)
        # whole hundredths of a nominal period's interest: enough to compare with a whole installment
        interest, _ = multiplied(loan.principal_scheduled, loan.rate * per, of * MILLIONTHS)
        if interest >= running_installment(loan, terms, work):
            loan.stop = Stop.NEGATIVE_AMORTISATION
            return
    elif terms.amortisation != Amortisation.EQUAL_PRINCIPAL:
        return
    loan.number_last = loan.number_first + INSTALLMENTS_MAX
    count_rows(loan, terms, work)
    if loan.stop == 0 and loan.number_last - loan.number_first >= INSTALLMENTS_MAX:
        loan.stop = Stop.NEGATIVE_AMORTISATION


@inner
def running_installment(loan, terms, work):  # type: ignore[no-untyped-def]
    """The installment of the running row, a step on it included."""
    work.loans[LOOK] = loan
    take_step(work.loans[LOOK], terms, work)
    return work.loans[LOOK].installment


@inner
def disburse(loan, terms, work, amount, adjust):  # type: ignore[no-untyped-def]
    """A tranche bears interest from its own day and is paid off by the rows from the next one on."""
    if terms.method != Method.REDUCING:
        loan.stop = Stop.FLAT_HAS_NO_TRANCHE
        return
    if loan.is_matured:
        loan.stop = Stop.NO_INSTALLMENT_LEFT
        return
    accrue(loan, terms, loan.day)
    if adjust == Adjust.TENOR and terms.amortisation == Amortisation.CUSTOM:
        agree_custom(loan, terms, work)
        work.custom[loan.number_last - loan.number_first].principal += amount  # it comes back with the last row
        loan.custom_left += amount
    loan.principal_scheduled += amount
    if adjust == Adjust.INSTALLMENT:
        reprice(loan, terms, work)
    else:
        stretch(loan, terms, work)


@inner
def waive(loan, terms, work, amount, component):  # type: ignore[no-untyped-def]
    """Forgive what is due of one component, oldest row first."""
    grow_penal(loan, terms, work, loan.day)
    for index in range(loan.row_open, loan.rows + 1):
        row = work.rows[index]
        taken = min(unpaid(row, component), amount)
        if taken == 0:
            continue
        amount -= taken
        if component == Component.INTEREST:
            row.interest_waived += taken
            loan.interest_overdue -= taken
        elif component == Component.FEE:
            row.fee_waived += taken
            loan.fee_due -= taken
        else:
            row.penal_waived += taken
        mark_cleared(loan, row, index)
    if amount > 0:
        loan.stop = Stop.WAIVER_ABOVE_DUE


@inner
def refund(loan, work, e, amount):  # type: ignore[no-untyped-def]
    """Give held money back."""
    if amount > loan.excess:
        loan.stop = Stop.REFUND_ABOVE_EXCESS
        return
    use_held(loan, work, amount)
    allocate(loan, work, e, NO_NUMBER, 0, 0, 0, 0, -amount)


@inner
def write_off(loan, amount):  # type: ignore[no-untyped-def]
    """Take principal off the books; the claim on the borrower stays (WO-01)."""
    outstanding = loan.principal_scheduled + loan.principal_overdue - loan.written_off
    if loan.is_written_off:
        loan.stop = Stop.WRITTEN_OFF_ALREADY
    elif amount > outstanding or outstanding == 0:
        loan.stop = Stop.WRITE_OFF_ABOVE_OUTSTANDING
    else:
        loan.written_off += outstanding if amount == ABSENT else amount
        loan.is_written_off, loan.written_off_on = 1, loan.day


@inner
def pause(loan, terms, work, first, count, interest):  # type: ignore[no-untyped-def]
    """Insert rows of a moratorium before the rows that would have stood there; the maturity moves out."""
    if first > loan.number_last:
        loan.stop = Stop.NO_INSTALLMENT_LEFT
    elif first < loan.number_next:
        loan.stop = Stop.MORATORIUM_ON_FALLEN_ROWS
    elif loan.holidays >= HOLIDAYS_MAX:
        loan.stop = Stop.TOO_MANY_MORATORIA
    else:
        for place in range(loan.holidays):
            holiday = work.holidays[place]
            if holiday.first >= first:
                holiday.first += count
            elif holiday.first + holiday.count > first:
                after = holiday.first + holiday.count - first
                add_holiday(loan, work, first + count, after, holiday.interest, holiday.goes_on)
                holiday.count, holiday.goes_on = holiday.count - after, 1
        add_holiday(loan, work, first, count, interest, 0)
        loan.holiday_rows += count
        loan.number_last += count
        if terms.method != Method.REDUCING:
            accrue(loan, terms, loan.day)
            loan.flat_now = flat_share(loan, terms, work)


@inner
def add_holiday(loan, work, first, count, interest, goes_on):  # type: ignore[no-untyped-def]
    """Note a moratorium, or the rows of one that come after another."""
    holiday = work.holidays[loan.holidays]
    holiday.first, holiday.count, holiday.interest, holiday.goes_on = first, count, interest, goes_on
    loan.holidays += 1


@inner
def restructure(loan, terms, book, work, new_terms, overdue):  # type: ignore[no-untyped-def]
    """New terms from today: all unpaid principal becomes the new principal, overdue interest goes as agreed."""
    accrue(loan, terms, loan.day)
    carry_earned(loan)
    keep_penal(loan, terms, work)
    carried = loan.principal_scheduled
    for index in range(loan.row_open, loan.rows):
        row = work.rows[index]
        moved = principal_unpaid(row)
        row.principal -= moved
        loan.principal_overdue -= moved
        carried += moved
        interest = interest_unpaid(row)
        if overdue == Overdue.CAPITALISE:
            row.interest -= interest
            carried += interest
        elif overdue == Overdue.WAIVE:
            row.interest_waived += interest
        if overdue != Overdue.CARRY:
            loan.interest_overdue -= interest
        mark_cleared(loan, row, index)
    loan.terms, work.terms[0] = new_terms, book.terms[new_terms]
    open_terms(loan, terms, book, work, loan.day, carried)
    price_terms(loan, terms, work)
    end_when_nothing_is_left(loan, terms, work)
    if loan.fee_disbursal > 0:
        charge(loan, terms, work, loan.fee_disbursal, Component.FEE)


@inner
def carry_earned(loan):  # type: ignore[no-untyped-def]
    """What was earned and is not yet due is the first new row's own, whatever it was in the old terms."""
    if loan.is_matured:
        forget_earned(loan)
        return
    add_odd(loan)
    loan.deferred, loan.deferred_rest, loan.deferred_of, loan.deferred_rounded = 0, 0, 1, 0


@inner
def take_over(loan, terms, work, given, principal):  # type: ignore[no-untyped-def]
    """A running loan joins: its state replaces everything before this day; the rows to come stay."""
    rows = work.rows
    is_changed = principal != loan.principal_scheduled and not loan.is_matured
    loan.is_run_on = 0
    loan.rows, loan.row_open, loan.charges = 0, 0, 0
    loan.principal_scheduled, loan.principal_overdue = principal, 0
    loan.interest_overdue, loan.fee_due = given.interest_overdue, given.fee_due
    loan.npa_since = given.npa_since
    if given.interest_overdue + given.fee_due + given.penal_due > 0 or loan.is_matured:
        row = rows[0]
        clear_row(row, loan.number_next - 1)
        row.due_on = given.oldest_due_on if given.oldest_due_on != NO_DAY else loan.day
        row.interest, row.fee, row.penal_charged = given.interest_overdue, given.fee_due, given.penal_due
        row.balance, row.penal_to = principal, loan.day
        row.is_late = loan.day > row.due_on + terms.penal_grace_days  # what that cost is part of penal_due
        if loan.is_matured:
            row.principal, row.balance = principal, 0
            loan.principal_scheduled, loan.principal_overdue = 0, principal
        loan.rows = 1
        mark_cleared(loan, row, 0)
    clear_row(rows[loan.rows], loan.number_next)
    if is_changed:
        earn_anew(loan, terms, work)
    accrue(loan, terms, loan.day)
    if is_changed:
        reprice(loan, terms, work)
    end_when_nothing_is_left(loan, terms, work)


@inner
def earn_anew(loan, terms, work):  # type: ignore[no-untyped-def]
    """The principal taken over has earned since the last due date, and in the rows before it that paid nothing yet."""
    forget_earned(loan)
    back = 0
    while back < loan.due_index and treatment(loan, terms, work, loan.number_next - 1 - back) == PUT_OFF:
        back += 1
    loan.accrued_to = loan.row_from
    if back == 0:
        return
    loan.number_next -= back
    loan.due_index -= back
    loan.due_next = due_day(loan.due_first, loan.due_anchor, terms.every, terms.unit, loan.due_index)
    loan.due_months = month_and_day(loan.due_next)[0]
    loan.row_from = terms.disbursed_on
    if loan.due_index > 0:
        loan.row_from = due_day(loan.due_first, loan.due_anchor, terms.every, terms.unit, loan.due_index - 1)
    loan.accrued_to = loan.row_from
    mark_broken(loan, terms)
    loan.flat_left = loan.flat_total
    for position in range(1, loan.number_next - loan.number_first + 1):
        loan.flat_left -= flat_share_at(loan, terms, position, loan.flat_left)
    loan.flat_now = flat_share(loan, terms, work)
    for _ in range(back):
        accrue(loan, terms, loan.due_next)
        put_off(loan, terms)
        loan.flat_left -= loan.flat_now
        loan.number_next += 1
        next_due(loan, terms, work)


@entry
def foreclosure_charge(loan, terms):  # type: ignore[no-untyped-def]
    """(charge, GST) for closing the loan on loan.day, on the principal not yet due (PP-02)."""
    fallen = loan.number_next - 1
    if terms.foreclosure_free_after > 0 and fallen >= terms.foreclosure_free_after:
        return 0, 0
    charged = share_of(loan.principal_scheduled, terms.foreclosure_rate, terms.smallest)
    return charged, share_of(charged, terms.foreclosure_gst, terms.smallest)


@inner
def foreclose(loan, terms, work, e, amount):  # type: ignore[no-untyped-def]
    """Everything falls due today in one last row, and the receipt settles it (rule 12)."""
    accrue(loan, terms, loan.day)
    charged, gst = foreclosure_charge(loan, terms)
    row = work.rows[loan.rows]
    if not loan.is_matured:
        interest = accrued(loan, terms, work)
        forget_earned(loan)
        principal = loan.principal_scheduled
        row.due_on, row.penal_to = loan.day, loan.day
        row.principal, row.interest = principal, interest
        loan.principal_scheduled, row.balance = 0, 0
        loan.principal_overdue += principal
        loan.interest_overdue += interest
        if charged + gst > 0:
            book_fee(loan, row, loan.rows, work, charged + gst)
        loan.is_matured, loan.number_last = 1, loan.number_next - 1
        loan.rows += 1
        loan.number_next += 1
        clear_row(work.rows[loan.rows], loan.number_next)
    set_off(loan, terms, work)
    left = settle(loan, terms, work, amount, e, False)
    hold(loan, work, e, left)
    short = 0
    for index in range(loan.row_open, loan.rows + 1):
        last = work.rows[index]
        short += principal_unpaid(last) + interest_unpaid(last) + fee_unpaid(last) + penal_unpaid(last)
    if short > terms.tolerance:
        loan.stop = Stop.FORECLOSURE_SHORT
