"""A loan walked through time, compiled: rows fall due, events apply, day-ends are judged.

Belongs here: the walk itself and its end at a day. Does not: reading and shaping loans (replay.py for one, book.py for
many).
"""

from __future__ import annotations

import numpy as np

from transforms.kernels.allocation import grow_penal, penal_unpaid, set_off
from transforms.kernels.columns import MILLIONTHS, DayCount, Kind
from transforms.kernels.compiled import entry, hot, inner
from transforms.kernels.delinquency import close_days, oldest_due, oldest_pi_due
from transforms.kernels.due_dates import LAST_DAY, on_anchor
from transforms.kernels.dues import accrued, clear_row, fall_due, is_undisturbed, open_terms, price_terms
from transforms.kernels.events import apply, apply_to_schedule, book_fee
from transforms.kernels.interest import MONTH, YEAR, accrue, corrected
from transforms.kernels.state import (
    BLANK,
    ENTRIES_MAX,
    EVENT_AT,
    EXCESS_AT,
    FEE_AT,
    HERE,
    INTEREST_AT,
    LOAN_AT,
    NUMBER_AT,
    ON_AT,
    PENAL_AT,
    PRINCIPAL_AT,
    Stop,
)


@inner
def open_loan(loan, book, work, number):  # type: ignore[no-untyped-def]
    """Loan `number` of the book on the day of its disbursal."""
    work.terms[0] = book.terms[number]
    terms = work.terms[0]
    loan.terms, loan.day, loan.number_next = number, terms.disbursed_on, 1
    clear_row(work.rows[0], 1)
    open_terms(loan, terms, book, work, terms.disbursed_on, terms.principal)
    price_terms(loan, terms, work)
    if loan.fee_disbursal > 0:
        book_fee(loan, work.rows[0], 0, work, loan.fee_disbursal)


@inner
def advance(loan, terms, work, norms, to):  # type: ignore[no-untyped-def]
    """Take the loan to the day `to`: what falls due on the way and on that day, set off against money held."""
    while not loan.is_matured and loan.due_next <= to and loan.stop == 0:
        if loan.due_next > loan.day:
            close_days(loan, terms, work, norms, loan.due_next)
            loan.day = loan.due_next
        fall_due(loan, terms, work)
        if loan.excess > 0:
            set_off(loan, terms, work)
    if to > loan.day:
        close_days(loan, terms, work, norms, to)
        loan.day = to


@inner
def walk(book, work, norms, number, as_of, out, used):  # type: ignore[no-untyped-def]
    """Walk loan `number` to the day-end of as_of; work.loans[HERE] is its state, work.rows its rows so far.

    loan.stop says why it ended early, loan.stop_event at which event (-1: none). Allocations go to the columns of `out`
    from `used` on; it returns how many are used then.
    """
    # what happens all the time is given the records it needs, not the book: each array of it is seven arguments
    loan, terms = work.loans[HERE], work.terms[0]
    begin(loan, book, work, number)
    first, before = book.first_event[number], book.first_event[number + 1]
    if first < before and book.events[first].kind == Kind.TAKEOVER:
        loan.is_run_on = 1  # what the terms say by the day it joins: nobody was in arrears with us
    for e in range(first, before):
        event = book.events[e]
        if event.on > as_of or loan.stop != 0:
            break
        advance(loan, terms, work, norms, event.on)
        if loan.stop == 0:
            take_event(loan, terms, book, work, e)
        if loan.allocations > ENTRIES_MAX // 2:
            used = hand_over(loan, work, out, used)
    finish(loan, terms, work, norms, as_of)
    return hand_over(loan, work, out, used)


@inner
def begin(loan, book, work, number):  # type: ignore[no-untyped-def]
    """A walk of loan `number` of the book begins."""
    work.loans[HERE] = work.loans[BLANK]
    loan.number, loan.stop_event = number, -1
    open_loan(loan, book, work, number)


@hot
def take_event(loan, terms, book, work, e):  # type: ignore[no-untyped-def]
    """Apply event e of the book on loan.day."""
    if not apply(loan, terms, work, book.events[e], e):
        apply_to_schedule(loan, terms, book, work, e)
    if loan.stop != 0:
        loan.stop_event = e


@inner
def finish(loan, terms, work, norms, as_of):  # type: ignore[no-untyped-def]
    """A walk ends at the day-end of as_of."""
    if loan.stop == 0:
        advance(loan, terms, work, norms, as_of)
        close_days(loan, terms, work, norms, as_of + 1)
        grow_penal(loan, terms, work, as_of)
        accrue(loan, terms, as_of)


@inner
def hand_over(loan, work, out, used):  # type: ignore[no-untyped-def]
    """Move the allocations noted so far to the columns of `out`, from `used` on."""
    count = loan.allocations
    if used + count > out.shape[1]:
        loan.stop = Stop.BUFFER_FULL
        return used
    for place in range(count):
        entry, at = work.entries[place], used + place
        out[LOAN_AT, at], out[EVENT_AT, at], out[ON_AT, at] = loan.number, entry.event, entry.on
        out[NUMBER_AT, at], out[PENAL_AT, at], out[FEE_AT, at] = entry.number, entry.penal, entry.fee
        out[INTEREST_AT, at], out[PRINCIPAL_AT, at], out[EXCESS_AT, at] = entry.interest, entry.principal, entry.excess
    loan.allocations = 0
    return used + count


@inner
def run_on(work):  # type: ignore[no-untyped-def]
    """The rows still to come, as if arrears were settled and nothing further happened."""
    loan = work.loans[HERE]
    loan.is_run_on = 1
    while not loan.is_matured and loan.stop == 0:
        fall_due(loan, work.terms[0], work)


@entry
def run_on_one(room):  # type: ignore[no-untyped-def]
    """The rows to come of the loan that was walked last."""
    run_on(room[0])


@entry
def walk_book(book, room, norms, first, before, as_of, out, ends):  # type: ignore[no-untyped-def]
    """Walk loans first to before - 1 to the day-end of as_of, each into its record of ends; (loan stopped at, used).

    It stops early when `out` is full, or a loan needs an exact installment: then nothing of that loan is kept.
    """
    used, work = 0, room[0]
    loan = work.loans[HERE]
    for number in range(first, before):
        after = walk(book, work, norms, number, as_of, out, used)
        if loan.stop == 0:
            used = after
        elif loan.stop < Stop.AMOUNT_TOO_LARGE:
            return number, used
        write_end(loan, work, ends[number])
    return before, used


@inner
def write_end(loan, work, end):  # type: ignore[no-untyped-def]
    """The loan's figures at the end of its walk (END records); a refused loan has its reason alone."""
    end.stop, end.stop_event = loan.stop, loan.stop_event
    if loan.stop != 0:
        return
    end.principal_outstanding = loan.principal_scheduled + loan.principal_overdue - loan.written_off
    end.interest_accrued = accrued(loan, work.terms[0], work)
    end.principal_overdue, end.interest_overdue = loan.principal_overdue, loan.interest_overdue
    end.fee_due, end.excess, end.installment = loan.fee_due, loan.excess, loan.installment
    penal = 0
    for index in range(loan.row_open, loan.rows + 1):
        penal += penal_unpaid(work.rows[index])
    end.penal_due = penal
    end.oldest_due_on = oldest_due(loan, work)
    end.oldest_pi_due_on = oldest_pi_due(loan, work)
    end.npa_since, end.is_written_off = loan.npa_since, loan.is_written_off
    end.installments_due = loan.number_next - 1


@entry
def schedule_book(book, room, norms, first, before, numbers, money, ends):  # type: ignore[no-untyped-def]
    """The contractual schedules of loans first to before - 1, row by row; (loan stopped at, rows used).

    The book has no events. numbers: loan, installment number, due day; money: principal, interest, fee, balance; a
    column a row. ends: of each loan the installment, and why it has no rows.
    """
    used, work = 0, room[0]
    for number in range(first, before):
        loan, end, terms = work.loans[HERE], ends[number], book.terms[number]
        work.loans[HERE] = work.loans[BLANK]
        loan.stop_event, loan.is_run_on = -1, 1
        if used + terms.installments > numbers.shape[1]:
            loan.stop = Stop.BUFFER_FULL
            return number, used
        open_loan(loan, book, work, number)
        if loan.stop == 0 and is_undisturbed(loan, terms):
            count = write_regular_rows(loan, terms, number, used, numbers, money)
        else:
            run_on(work)
            count = 0 if loan.stop != 0 else write_rows(work, loan.rows, number, used, numbers, money)
        if 0 < loan.stop < Stop.AMOUNT_TOO_LARGE:
            return number, used
        end.stop, end.stop_event, end.installment = loan.stop, loan.stop_event, loan.installment_first
        used += count if loan.stop == 0 else 0
    return before, used


@inner
def write_rows(work, count, number, used, numbers, money):  # type: ignore[no-untyped-def]
    """A loan's rows from `used` on; how many."""
    for index in range(count):
        row, place = work.rows[index], used + index
        numbers[0, place], numbers[1, place], numbers[2, place] = number, row.number, row.due_on
        money[0, place], money[1, place], money[2, place] = row.principal, row.interest, row.fee
        money[3, place] = row.balance
    return count


@inner
def write_regular_rows(loan, terms, number, used, numbers, money):  # type: ignore[no-untyped-def]
    """The rows of an equal-installment loan that nothing disturbs, the short way; as fall_due, to the paisa."""
    left, installment, due = loan.principal_scheduled, loan.installment, loan.due_next
    by_days = terms.day_count == DayCount.ACT_365
    times, over = loan.rate * loan.period_per, loan.period_of * MILLIONTHS
    ratio = np.float64(times) / np.float64(over)
    months, last, since, place = loan.due_months, loan.number_last, loan.row_from, used
    for row in range(loan.number_next, last + 1):
        if by_days:
            times, over = loan.rate * (due - since), 365 * MILLIONTHS
            ratio = np.float64(times) / np.float64(over)
        whole, rest = corrected(np.int64(np.float64(left) * ratio), left, times, over)
        interest = whole + (2 * rest >= over)
        principal = left if row == last else min(max(installment - interest, 0), left)
        left -= principal
        numbers[0, place], numbers[1, place], numbers[2, place] = number, row, due
        money[0, place], money[1, place], money[2, place] = principal, interest, loan.fee_each
        money[3, place] = left
        place += 1
        since = due
        if left == 0:
            break
        if terms.unit < MONTH:
            due += terms.every * (7 if terms.unit == 1 else 1)
        else:
            months += terms.every * (12 if terms.unit == YEAR else 1)
            due = on_anchor(months, loan.due_anchor)
    loan.installment_first = installment
    if since > LAST_DAY:
        loan.stop = Stop.PERIOD_OUT_OF_RANGE
    return place - used
