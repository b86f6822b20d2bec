"""What money settles: the waterfall over installments and components, penal charges, money held.

Belongs here: settling dues (rules 4, 5, 9; CV-08, PC-01, PC-02), set-off of held money. Does not: which events bring
money (events.py).
"""

from __future__ import annotations

import numpy as np

from transforms.kernels.columns import COMPONENT_FIRST, DAILY, MILLIONTHS, Component
from transforms.kernels.compiled import hot, inner
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.interest import accrue, carried, multiplied, rounded_parts
from transforms.kernels.money import Mode
from transforms.kernels.state import ENTRIES_MAX, HELD_MAX, Stop

INT64_SAFE = 9.0e18
NO_NUMBER = -1  # an allocation that concerns no installment


@inner
def interest_unpaid(row):  # type: ignore[no-untyped-def]
    return row.interest - row.interest_paid - row.interest_waived


@inner
def principal_unpaid(row):  # type: ignore[no-untyped-def]
    return row.principal - row.principal_paid - row.principal_waived


@inner
def fee_unpaid(row):  # type: ignore[no-untyped-def]
    return row.fee - row.fee_paid - row.fee_waived


@inner
def penal_unpaid(row):  # type: ignore[no-untyped-def]
    return row.penal + row.penal_charged - row.penal_paid - row.penal_waived


@inner
def unpaid(row, component):  # type: ignore[no-untyped-def]
    """What is due of one component of a row and not yet paid or waived."""
    if component == Component.INTEREST:
        return interest_unpaid(row)
    if component == Component.PRINCIPAL:
        return principal_unpaid(row)
    return fee_unpaid(row) if component == Component.FEE else penal_unpaid(row)


@inner
def grow_penal(loan, terms, work, day):  # type: ignore[no-untyped-def]
    """Bring the penal charge of every overdue row to `day`: its unpaid principal and interest x rate x days / 365.

    Nothing within the days of grace, everything from the due date after them; rounded once on the total (PC-02).
    """
    if terms.penal_rate == 0 and terms.penal_flat == 0:
        return
    if loan.is_written_off:
        day = min(day, loan.written_off_on)
    for index in range(loan.row_open, loan.rows):
        row = work.rows[index]
        arrears = principal_unpaid(row) + interest_unpaid(row)
        if arrears == 0 or day <= row.penal_to:
            continue
        if np.float64(arrears) * (day - row.penal_to) + row.penal_days > INT64_SAFE:
            loan.stop = Stop.AMOUNT_TOO_LARGE
            return
        row.penal_days += arrears * (day - row.penal_to)
        row.penal_to = day
        if not row.is_late and day > row.due_on + terms.penal_grace_days:
            row.is_late, row.penal_flat = 1, terms.penal_flat
        if row.is_late:
            whole, rest = penal_earned(row, terms)
            row.penal = rounded_parts(whole, rest, 365, terms.smallest, Mode.HALF_UP) + row.penal_flat


@hot
def penal_earned(row, terms):  # type: ignore[no-untyped-def]
    """(whole, rest over 365 x MILLIONTHS): arrears x days x penal rate / 365, days of earlier terms at their rate."""
    whole, rest = multiplied(row.penal_days, terms.penal_rate, 365 * MILLIONTHS)
    return carried(whole + row.penal_before, rest + row.penal_before_rest, 365)


@inner
def keep_penal(loan, terms, work):  # type: ignore[no-untyped-def]
    """Other terms from today: the days so far have borne what these terms say (PC-02)."""
    grow_penal(loan, terms, work, loan.day)
    for index in range(loan.row_open, loan.rows):
        row = work.rows[index]
        row.penal_before, row.penal_before_rest = penal_earned(row, terms)
        row.penal_days, row.penal_to = 0, max(row.penal_to, loan.day)


@hot
def waterfall_of(loan, terms):  # type: ignore[no-untyped-def]
    """(order, across) for a receipt of this day: as written off, as NPA at the day-end before, or as usual."""
    if loan.is_written_off:
        return terms.order_written_off, terms.across_written_off
    if loan.npa_since != NO_DAY:
        return terms.order_npa, terms.across_npa
    return terms.order, terms.across


@inner
def settle(loan, terms, work, amount, event, is_held):  # type: ignore[no-untyped-def]
    """Settle what is due on loan.day with an amount of one receipt; what is left of it.

    is_held: the money was held, so each allocation carries what it used as a negative excess.
    """
    if nothing_due(loan, work):
        return amount
    grow_penal(loan, terms, work, loan.day)
    if terms.interest_basis == DAILY:
        accrue(loan, terms, loan.day)
    order, across = waterfall_of(loan, terms)
    if across == COMPONENT_FIRST:
        amount = settle_by_component(loan, work, amount, order, event, is_held)
    else:
        amount = settle_by_installment(loan, work, amount, order, event, is_held)
    while loan.row_open < loan.rows and is_settled(work.rows[loan.row_open]):
        loan.row_open += 1
    return amount


@hot
def nothing_due(loan, work):  # type: ignore[no-untyped-def]
    """Whether no row, nor a charge on the running one, has anything unpaid."""
    dues = loan.principal_overdue + loan.interest_overdue + loan.fee_due
    return dues == 0 and loan.row_open >= loan.rows and penal_unpaid(work.rows[loan.rows]) == 0


@hot
def is_settled(row):  # type: ignore[no-untyped-def]
    """Whether nothing of the row is unpaid, penal included."""
    return principal_unpaid(row) + interest_unpaid(row) + fee_unpaid(row) + penal_unpaid(row) == 0


@hot
def settle_by_installment(loan, work, amount, order, event, is_held):  # type: ignore[no-untyped-def]
    """The order inside one installment, then the next one; the running row comes last: it may hold a charge."""
    for index in range(loan.row_open, loan.rows + 1):
        if amount == 0:
            break
        row = work.rows[index]
        row.now_interest, row.now_principal = interest_unpaid(row), principal_unpaid(row)
        row.now_fee, row.now_penal = fee_unpaid(row), penal_unpaid(row)
        due = row.now_interest + row.now_principal + row.now_fee + row.now_penal
        if due == 0:
            continue
        if amount < due:
            row.now_interest, row.now_principal, row.now_fee, row.now_penal = 0, 0, 0, 0
            for place in range(4):
                amount -= take(row, (order >> (2 * place)) & 3, amount)
        else:  # enough for all of it: no order to keep
            amount -= due
            row.interest_paid += row.now_interest
            row.principal_paid += row.now_principal
            row.fee_paid += row.now_fee
            row.penal_paid += row.now_penal
        book_row(loan, work, index, event, is_held)
    return amount


@inner
def settle_by_component(loan, work, amount, order, event, is_held):  # type: ignore[no-untyped-def]
    """One component over all installments, then the next component."""
    for index in range(loan.row_open, loan.rows + 1):
        row = work.rows[index]
        row.now_interest, row.now_principal, row.now_fee, row.now_penal = 0, 0, 0, 0
    for place in range(4):
        for index in range(loan.row_open, loan.rows + 1):
            if amount > 0:
                amount -= take(work.rows[index], (order >> (2 * place)) & 3, amount)
    for index in range(loan.row_open, loan.rows + 1):
        book_row(loan, work, index, event, is_held)
    return amount


@inner
def take(row, component, amount):  # type: ignore[no-untyped-def]
    """Pay as much of a component as is due and there is money for; what it took."""
    taken = min(unpaid(row, component), amount)
    if component == Component.INTEREST:
        row.interest_paid += taken
        row.now_interest = taken
    elif component == Component.PRINCIPAL:
        row.principal_paid += taken
        row.now_principal = taken
    elif component == Component.FEE:
        row.fee_paid += taken
        row.now_fee = taken
    else:
        row.penal_paid += taken
        row.now_penal = taken
    return taken


@hot
def book_row(loan, work, index, event, is_held):  # type: ignore[no-untyped-def]
    """Book what a receipt just settled of a row: the loan's totals, the day it was cleared, the allocation."""
    row = work.rows[index]
    penal, fee, interest, principal = row.now_penal, row.now_fee, row.now_interest, row.now_principal
    total = penal + fee + interest + principal
    if total == 0:
        return
    loan.interest_overdue -= interest
    loan.principal_overdue -= principal
    loan.fee_due -= fee
    loan.written_off = max(loan.written_off - principal, 0)
    mark_cleared(loan, row, index)
    allocate(loan, work, event, row.number, penal, fee, interest, principal, -total if is_held else 0)


@hot
def mark_cleared(loan, row, index):  # type: ignore[no-untyped-def]
    """Note the day on which a fallen row has nothing unpaid of principal, interest and fee."""
    if index >= loan.rows or row.paid_on != NO_DAY:
        return
    if principal_unpaid(row) + interest_unpaid(row) + fee_unpaid(row) == 0:
        row.paid_on = loan.day


@hot
def allocate(loan, work, event, number, penal, fee, interest, principal, excess):  # type: ignore[no-untyped-def]
    """Note one allocation; the walk hands them over."""
    if loan.allocations >= ENTRIES_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        return
    entry = work.entries[loan.allocations]
    entry.event, entry.on, entry.number = event, loan.day, number
    entry.penal, entry.fee, entry.interest, entry.principal, entry.excess = penal, fee, interest, principal, excess
    loan.allocations += 1


@hot
def hold(loan, work, event, amount):  # type: ignore[no-untyped-def]
    """Keep what is left of a receipt (rule 5)."""
    if amount == 0:
        return
    if loan.held_count >= HELD_MAX:
        loan.stop = Stop.TOO_MANY_ROWS
        return
    receipt = work.held[loan.held_count]
    receipt.event, receipt.amount = event, amount
    loan.held_count += 1
    loan.excess += amount
    allocate(loan, work, event, NO_NUMBER, 0, 0, 0, 0, amount)


@inner
def set_off(loan, terms, work):  # type: ignore[no-untyped-def]
    """Settle what is due on loan.day with money held, oldest receipt first."""
    while loan.held_first < loan.held_count:
        receipt = work.held[loan.held_first]
        left = settle(loan, terms, work, receipt.amount, receipt.event, True)
        loan.excess -= receipt.amount - left
        receipt.amount = left
        if left > 0:
            break
        loan.held_first += 1


@inner
def use_held(loan, work, amount):  # type: ignore[no-untyped-def]
    """Take money out of what is held, oldest receipt first, without settling anything."""
    loan.excess -= amount
    while amount > 0:
        receipt = work.held[loan.held_first]
        used = min(receipt.amount, amount)
        receipt.amount -= used
        amount -= used
        if receipt.amount == 0:
            loan.held_first += 1
