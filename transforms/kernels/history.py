"""What a loan was on every day: stretches of days on which nothing changes, and figures at month-ends; compiled.

Belongs here: the walk of walk.py, stopping on each day on which something happens. Does not: what happens (dues.py,
events.py), the loan at one day (walk.py).

A segment is a stretch of day-ends with one principal, one rate, the same arrears and the same class. DPD grows by a day
a day in it, and interest by what the principal earns; so every day's figure follows from its segment. Days on which
nothing is left of a loan have neither segment nor month-end; those before a takeover have none either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transforms.kernels.allocation import grow_penal, penal_unpaid
from transforms.kernels.columns import Kind
from transforms.kernels.compiled import entry, inner
from transforms.kernels.day_end import AssetClass, grade
from transforms.kernels.delinquency import close_days, oldest_due, oldest_pi_due
from transforms.kernels.due_dates import NO_DAY, month_and_day, on_anchor
from transforms.kernels.dues import accrued
from transforms.kernels.interest import accrue, bearing
from transforms.kernels.state import ENTRIES_MAX, HERE, LOOK, Stop
from transforms.kernels.walk import advance, begin, finish, hand_over, take_event, write_end

# Rows of the array of segments, one column a segment.
SEGMENT_OF, FROM_ON, TO_ON, RATE, PRINCIPAL, BEARING, ACCRUED, PRINCIPAL_OVERDUE, INTEREST_OVERDUE, FEE_DUE = range(10)
EXCESS, OLDEST_DUE_ON, OLDEST_PI_DUE_ON, NPA_SINCE, DPD, CLASS, IS_WRITTEN_OFF = range(10, 17)
SEGMENT_ROWS = 17
# Rows of the array that says of which loan and day a month-end is.
MONTH_END_OF, MONTH_END_ON = range(2)
# Places of `used`: allocations, segments, month-ends of all loans so far; and those of the loan that is walked.
ALLOCATIONS, SEGMENTS, MONTH_ENDS = 0, 1, 2
NOW = 3


def segments(entries: int) -> NDArray[np.int64]:
    """An empty buffer of so many segments."""
    return np.empty((SEGMENT_ROWS, entries), np.int64)


@entry
def history_book(book, room, norms, first, before, as_of, out, made, days, figures, ends, used):  # type: ignore[no-untyped-def]
    """Walk loans first to before - 1 to the day-end of as_of, each into its record of ends; the loan it stopped at.

    out: allocations, as walk_book. made: segments. days, figures: month-ends, whose figures are END records. used: how
    much of out, made and figures is filled. It stops early as walk_book does.
    """
    work = room[0]
    loan = work.loans[HERE]
    used[:] = 0
    for number in range(first, before):
        for place in range(NOW):
            used[NOW + place] = used[place]
        walk_through(book, work, norms, number, as_of, out, made, days, figures, used)
        if loan.stop == 0:
            for place in range(NOW):
                used[place] = used[NOW + place]
        elif loan.stop < Stop.AMOUNT_TOO_LARGE:
            return number
        write_end(loan, work, ends[number])
    return before


@inner
def walk_through(book, work, norms, number, as_of, out, made, days, figures, used):  # type: ignore[no-untyped-def]
    """Walk loan `number` from one day on which something happens to the next, until as_of."""
    loan, terms = work.loans[HERE], work.terms[0]
    begin(loan, book, work, number)
    e, last = book.first_event[number], book.first_event[number + 1]
    since = loan.day
    if e < last and book.events[e].kind == Kind.TAKEOVER:
        since, loan.is_run_on = book.events[e].on, 1
    while loan.stop == 0:
        e = take_events(loan, book, work, e, min(loan.day, as_of))
        if loan.allocations > ENTRIES_MAX // 2:
            used[NOW + ALLOCATIONS] = hand_over(loan, work, out, used[NOW + ALLOCATIONS])
        following = as_of + 1
        if not loan.is_matured:
            following = min(following, loan.due_next)
        if e < last:
            following = min(following, book.events[e].on)
        if loan.stop != 0 or following <= loan.day:
            break
        close_days(loan, terms, work, norms, following)
        if loan.day >= since and not is_gone(loan, work):
            note_segments(loan, work, norms, following - 1, made, used)
            note_month_ends(loan, work, following - 1, days, figures, used)
        if following > as_of or loan.stop != 0:
            break
        advance(loan, terms, work, norms, following)
    finish(loan, terms, work, norms, as_of)
    used[NOW + ALLOCATIONS] = hand_over(loan, work, out, used[NOW + ALLOCATIONS])


@inner
def take_events(loan, book, work, e, day):  # type: ignore[no-untyped-def]
    """Apply what happened by that day, from event e on; the first event not applied."""
    terms = work.terms[0]
    while e < book.first_event[loan.number + 1] and book.events[e].on <= day and loan.stop == 0:
        take_event(loan, terms, book, work, e)
        e += 1
    return e


@inner
def is_gone(loan, work):  # type: ignore[no-untyped-def]
    """Whether nothing is left of the loan: nothing outstanding, due, held or still to be earned."""
    left = loan.principal_scheduled + loan.principal_overdue + loan.interest_overdue + loan.fee_due + loan.excess
    for index in range(loan.row_open, loan.rows + 1):
        left += penal_unpaid(work.rows[index])
    return loan.is_matured and left == 0


@inner
def note_segments(loan, work, norms, to, made, used):  # type: ignore[no-untyped-def]
    """The stretch from loan.day to `to`, on which nothing happens, as one segment a class."""
    oldest, start = oldest_due(loan, work), loan.day
    while start <= to and loan.stop == 0:
        is_npa = loan.npa_since != NO_DAY and loan.npa_since <= start
        last = to
        if loan.npa_since > start:
            last = min(last, loan.npa_since - 1)
        if oldest != NO_DAY and not is_npa:
            if oldest + norms.sma1_after_days > start:
                last = min(last, oldest + norms.sma1_after_days - 1)
            if oldest + norms.sma2_after_days > start:
                last = min(last, oldest + norms.sma2_after_days - 1)
        dpd = 0 if oldest == NO_DAY else start - oldest + 1
        note_segment(loan, work, start, last, dpd, AssetClass.NPA if is_npa else grade(dpd, norms), made, used)
        start = last + 1


@inner
def note_segment(loan, work, start, last, dpd, graded, made, used):  # type: ignore[no-untyped-def]
    """One segment, its interest accrued as at the day-end of its first day."""
    place = used[NOW + SEGMENTS]
    if place >= made.shape[1]:
        loan.stop = Stop.BUFFER_FULL
        return
    look = looked_at(loan, work, start)
    made[SEGMENT_OF, place], made[FROM_ON, place], made[TO_ON, place] = loan.number, start, last
    made[RATE, place], made[BEARING, place] = loan.rate, 0 if loan.is_matured else bearing(loan, work.terms[0])
    made[PRINCIPAL, place] = loan.principal_scheduled + loan.principal_overdue - loan.written_off
    made[ACCRUED, place] = accrued(look, work.terms[0], work)
    made[PRINCIPAL_OVERDUE, place], made[INTEREST_OVERDUE, place] = loan.principal_overdue, loan.interest_overdue
    made[FEE_DUE, place], made[EXCESS, place] = loan.fee_due, loan.excess
    made[OLDEST_DUE_ON, place], made[OLDEST_PI_DUE_ON, place] = oldest_due(loan, work), oldest_pi_due(loan, work)
    made[NPA_SINCE, place], made[DPD, place], made[CLASS, place] = look.npa_since, dpd, graded
    made[IS_WRITTEN_OFF, place] = loan.is_written_off
    used[NOW + SEGMENTS] = place + 1


@inner
def looked_at(loan, work, day):  # type: ignore[no-untyped-def]
    """The loan at the day-end of a day before anything else happens, on a copy: reading a day leaves no trace."""
    work.loans[LOOK] = loan
    look = work.loans[LOOK]
    accrue(look, work.terms[0], day)
    if look.npa_since > day:
        look.npa_since = NO_DAY
    loan.stop = look.stop
    return look


@inner
def note_month_ends(loan, work, to, days, figures, used):  # type: ignore[no-untyped-def]
    """The figures at each month-end from loan.day to `to`."""
    day = month_end(loan.day)
    while day <= to and loan.stop == 0:
        place = used[NOW + MONTH_ENDS]
        if place >= len(figures):
            loan.stop = Stop.BUFFER_FULL
            return
        grow_penal(loan, work.terms[0], work, day)
        write_end(looked_at(loan, work, day), work, figures[place])
        days[MONTH_END_OF, place], days[MONTH_END_ON, place] = loan.number, day
        used[NOW + MONTH_ENDS] = place + 1
        day = month_end(day + 1)


@inner
def month_end(day):  # type: ignore[no-untyped-def]
    """The last day of a day's month."""
    return on_anchor(month_and_day(day)[0], 31)
