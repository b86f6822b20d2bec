"""A loan walked through time, compiled: rows fall due, events apply, day-ends are judged.

Belongs here: the walk itself and its end at a day. Does not: reading and shaping loans (replay.py for one, book.py for many).
"""

from __future__ import annotations

from transforms.kernels.allocation import grow_penal, set_off
from transforms.kernels.compiled import entry, inner
from transforms.kernels.delinquency import close_days
from transforms.kernels.dues import clear_row, fall_due, open_terms, price
from transforms.kernels.events import apply, book_fee
from transforms.kernels.interest import accrue
from transforms.kernels.state import BLANK, HERE


@inner
def open_loan(loan, book, work, number):  # type: ignore[no-untyped-def]
    """Loan `number` of the book on the day of its disbursal."""
    terms = book.terms[number]
    loan.terms, loan.day, loan.number_next = number, terms.disbursed_on, 1
    clear_row(work.rows[0], 1)
    open_terms(loan, terms, book, terms.disbursed_on, terms.principal)
    price(loan, terms, work)
    if terms.fee_disbursal > 0:
        book_fee(loan, work.rows[0], work.charges, terms.fee_disbursal)


@inner
def advance(loan, book, work, norms, to, out):  # type: ignore[no-untyped-def]
    """Take the loan to the day `to`: what falls due on the way and on that day, set off against money held."""
    while not loan.is_matured and loan.due_next <= to and loan.stop == 0:
        terms = book.terms[loan.terms]
        if loan.due_next > loan.day:
            close_days(loan, terms, work.rows, norms, loan.due_next)
            loan.day = loan.due_next
        fall_due(loan, terms, book, work.rows, work)
        if loan.excess > 0:
            set_off(loan, terms, work.rows, work.held, out)
    if to > loan.day:
        close_days(loan, book.terms[loan.terms], work.rows, norms, to)
        loan.day = to


@entry
def walk(book, work, norms, number, as_of, out):  # type: ignore[no-untyped-def]
    """Walk loan `number` to the day-end of as_of; work.loans[HERE] is its state, work.rows its rows so far.

    loan.stop says why it ended early, loan.stop_event at which event (-1: none).
    """
    work.loans[HERE] = work.loans[BLANK]
    loan = work.loans[HERE]
    loan.stop_event = -1
    open_loan(loan, book, work, number)
    for e in range(book.first_event[number], book.first_event[number + 1]):
        if book.events[e].on > as_of or loan.stop != 0:
            break
        advance(loan, book, work, norms, book.events[e].on, out)
        if loan.stop == 0:
            apply(loan, book, work, e, out)
            if loan.stop != 0:
                loan.stop_event = e
    if loan.stop == 0:
        advance(loan, book, work, norms, as_of, out)
        terms = book.terms[loan.terms]
        close_days(loan, terms, work.rows, norms, as_of + 1)
        grow_penal(loan, terms, work.rows, as_of)
        accrue(loan, terms, as_of)


@entry
def run_on(book, work):  # type: ignore[no-untyped-def]
    """The rows still to come, as if arrears were settled and nothing further happened."""
    loan = work.loans[HERE]
    loan.is_run_on = 1
    while not loan.is_matured and loan.stop == 0:
        fall_due(loan, book.terms[loan.terms], book, work.rows, work)
