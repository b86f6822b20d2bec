"""What is booked on each loan, and what the lender does about late ones: events and recovery actions.

Belongs here: the days and amounts that turn months late into payments, in integer paise. Does not: how late a loan is
(behaviour.py) or what it owes (schedules.py).
The functions compiled by numba carry no types of their own: they see only int64 arrays and a numpy Generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from ingestion.simulator.behaviour import Paths
from ingestion.simulator.calendar import Window
from ingestion.simulator.schedules import Dues
from warehouse.contracts import codes

Ints = NDArray[np.int64]

PAYMENT, PREPAYMENT, CHARGE = (codes.EVENT_TYPE.index(c) for c in ("payment", "prepayment", "charge"))
REVERSAL, WRITE_OFF, RECOVERY, FORECLOSURE = (
    codes.EVENT_TYPE.index(c) for c in ("reversal", "write_off", "recovery", "foreclosure")
)
NACH, UPI, CASH, CHEQUE, NEFT = (codes.PAYMENT_CHANNEL.index(c) for c in ("NACH", "UPI", "CASH", "CHEQUE", "NEFT"))
SMS, CALL, FIELD_VISIT, LEGAL_NOTICE, REPOSSESSION, SETTLEMENT = range(len(codes.RECOVERY_ACTION))
NO_CONTACT, PROMISE, PART_PAID, CURED, SETTLED, REFUSED = range(len(codes.RECOVERY_OUTCOME))

EVENT_FIELDS = ("loan", "type", "value_on", "minute", "amount", "channel", "reverses")
ACTION_FIELDS = ("loan", "action_on", "type", "cost", "outcome", "amount")
_COSTS = np.array([25, 1_500, 35_000, 120_000, 1_800_000, 250_000])  # paise, by kind of action
BOUNCE_CHARGE = 29_500  # 250 rupees and 18 % GST (TX-01)
CASH_BELOW = 2_000_000  # paise; no cash from 20,000 rupees on (TX-03)

_LATE, _SPLIT, _BOUNCED, _EARLY = 0.06, 0.015, 0.02, 0.04


@dataclass(frozen=True)
class Booked:
    """Events and recovery actions of a bucket: columns by name, sorted by loan."""

    events: dict[str, Ints]
    actions: dict[str, Ints]


@dataclass(frozen=True)
class Borrowers:
    """How each loan is paid: by mandate (NACH) or not, reliably or not, secured or not, and what is left at charge-off.

    prepaid: month of the window of a part prepayment, or -1. severity: part of the disbursed amount to be charged off.
    """

    principal: Ints
    month: Ints
    by_mandate: NDArray[np.bool_]
    is_punctual: NDArray[np.bool_]
    is_secured: NDArray[np.bool_]
    prepaid: Ints
    severity: NDArray[np.float64]


def book(rng: np.random.Generator, dues: Dues, paths: Paths, borrowers: Borrowers, window: Window) -> Booked:
    """All events and recovery actions of the loans of a bucket until as_of."""
    loans = len(borrowers.principal)
    # room for a bounce (four events) at each due and for the end of each loan; the rest is cut off
    events = np.empty((len(EVENT_FIELDS), 4 * len(dues.due_on) + 8 * loans), np.int64)
    actions = np.empty((len(ACTION_FIELDS), 3 * int((paths.late > 0).sum()) + 8 * loans), np.int64)
    made = _book(
        rng, dues.start, dues.due_on, dues.group, dues.interest, dues.principal, paths.late, paths.written_off_on,
        paths.foreclosed, borrowers.principal, borrowers.month, borrowers.by_mandate, borrowers.is_punctual,
        borrowers.is_secured, borrowers.prepaid, borrowers.severity, window.starts, window.ends, events, actions,
    )  # fmt: skip
    return Booked(_columns(EVENT_FIELDS, events, made[0]), _columns(ACTION_FIELDS, actions, made[1]))


def _columns(names: tuple[str, ...], rows: Ints, used: int) -> dict[str, Ints]:
    return {name: rows[i, :used].copy() for i, name in enumerate(names)}


@nb.njit(nogil=True, cache=True, inline="never")
def _between(rng, low, high):  # type: ignore[no-untyped-def]
    """A day from low to high, both included; low when high is before it."""
    return low + int(rng.random() * (high - low + 1)) if high > low else low


@nb.njit(nogil=True, cache=True)
def _event(rng, events, n, loan, kind, on, amount, channel, reverses):  # type: ignore[no-untyped-def]
    """One more event, booked between 9 and 21 o'clock of its day; never before the event booked last that day."""
    minute = 540 + int(rng.random() * 600)
    if n > 0 and events[0, n - 1] == loan and events[2, n - 1] == on and events[3, n - 1] >= minute:
        minute = min(events[3, n - 1] + 1, 1439)
    events[0, n], events[1, n], events[2, n], events[3, n] = loan, kind, on, minute
    events[4, n], events[5, n], events[6, n] = amount, channel, reverses
    return n + 1


@nb.njit(nogil=True, cache=True)
def _action(actions, n, loan, on, kind, outcome, amount):  # type: ignore[no-untyped-def]
    actions[0, n], actions[1, n], actions[2, n], actions[3, n] = loan, on, kind, _COSTS[kind]
    actions[4, n], actions[5, n] = outcome, amount
    return n + 1


@nb.njit(nogil=True, cache=True)
def _manual_channel(rng, amount):  # type: ignore[no-untyped-def]
    draw = rng.random()
    if draw < 0.55:
        return UPI
    if draw < 0.75:
        return NEFT
    return CASH if amount < CASH_BELOW else CHEQUE


@nb.njit(nogil=True, cache=True)
def _pay_due(rng, events, n, loan, on, amount, last, mandate, punctual, earliest):  # type: ignore[no-untyped-def]
    """One due paid in full by the month's end: on its day, early, late, in two parts, or after a bounce."""
    draw = rng.random()
    room = last - on
    if punctual or draw > _LATE + _SPLIT + _BOUNCED + _EARLY:
        channel = NACH if mandate else (CASH if amount < CASH_BELOW else UPI)
        return _event(rng, events, n, loan, PAYMENT, on, amount, channel, -1)
    if draw < _EARLY and on - 2 > earliest:
        return _event(rng, events, n, loan, PAYMENT, on - 1 - int(rng.random() * 2), amount, UPI, -1)
    if draw < _EARLY + _BOUNCED and mandate and room >= 3:
        n = _bounce(rng, events, n, loan, on, amount, on + 2)
        paid = amount + BOUNCE_CHARGE
        return _event(rng, events, n, loan, PAYMENT, _between(rng, on + 2, last), paid, _manual_channel(rng, paid), -1)
    if draw < _EARLY + _BOUNCED + _SPLIT and room >= 1 and amount > 20_000:
        part = int(amount * (0.3 + 0.4 * rng.random())) // 100 * 100
        n = _event(rng, events, n, loan, PAYMENT, on, part, UPI, -1)
        return _event(rng, events, n, loan, PAYMENT, _between(rng, on + 1, last), amount - part, UPI, -1)
    late = _between(rng, on + 1, min(last, on + 12)) if room >= 1 else on
    return _event(rng, events, n, loan, PAYMENT, late, amount, _manual_channel(rng, amount), -1)


@nb.njit(nogil=True, cache=True)
def _bounce(rng, events, n, loan, on, amount, last):  # type: ignore[no-untyped-def]
    """A mandate presented on the due date and returned by the bank: payment, its reversal, the bounce charge."""
    returned = _between(rng, on + 1, last)
    n = _event(rng, events, n, loan, PAYMENT, on, amount, NACH, -1)
    n = _event(rng, events, n, loan, REVERSAL, returned, amount, NACH, n - 1)
    return _event(rng, events, n, loan, CHARGE, returned, BOUNCE_CHARGE, -1, -1)


@nb.njit(nogil=True, cache=True)
def _settled_until(due_on, group, row, end, last_group, last_day):  # type: ignore[no-untyped-def]
    """First row after those of groups up to last_group that are due by last_day."""
    while row < end and group[row] <= last_group and due_on[row] <= last_day:
        row += 1
    return row


@nb.njit(nogil=True, cache=True)
def _realised(due_on, interest, principal, row, end, part, charge, on, outstanding, kept):  # type: ignore[no-untyped-def]
    """What the lender collects before charging off so that about `kept` of principal is left: amount, principal, kind.

    Either all arrears and then principal (a prepayment), or whole overdue installments in their order, so that what is
    left is the same however the waterfall is read.
    """
    paid_principal = max(0, part - interest[row]) if row < end else 0
    arrears, arrears_principal = charge - part, -paid_principal
    last = row
    while last < end and due_on[last] <= on:
        arrears += interest[last] + principal[last]
        arrears_principal += principal[last]
        last += 1
    wanted = outstanding - kept
    if wanted > arrears_principal:
        more = (wanted - arrears_principal) // 100 * 100
        return arrears + more, arrears_principal + more, PREPAYMENT
    amount, settled, taken = -part, -paid_principal, 0
    for k in range(row, last):
        if settled + principal[k] > wanted:
            break
        amount += interest[k] + principal[k]
        settled += principal[k]
        taken += 1
    if taken == 0:
        return 0, 0, PAYMENT
    return amount + (charge if taken > 1 else 0), settled, PAYMENT


@nb.njit(nogil=True, cache=True)
def _recoveries(rng, events, n, actions, a, loan, on, lost, last_day):  # type: ignore[no-untyped-def]
    """Small sums collected in the months after a charge-off, each owed to an action."""
    when = on
    for _ in range(2):
        when += 25 + int(rng.random() * 50)
        if when > last_day or rng.random() > 0.45:
            break
        amount = max(10_000, int(lost * (0.01 + 0.05 * rng.random())) // 100 * 100)
        n = _event(rng, events, n, loan, RECOVERY, when, amount, NEFT, -1)
        a = _action(actions, a, loan, when, FIELD_VISIT, PART_PAID, amount)
    return n, a


@nb.njit(nogil=True, cache=True)
def _pursued(rng, actions, a, loan, months_late, secured, first, last, cured, amount):  # type: ignore[no-untyped-def]
    """The action of a month that began in arrears, and what came of it."""
    kind = CALL
    if months_late == 2 or (months_late > 4 and rng.random() < 0.4):
        kind = FIELD_VISIT
    elif months_late == 3:
        kind = LEGAL_NOTICE if rng.random() < 0.6 else FIELD_VISIT
    elif months_late == 4:
        kind = LEGAL_NOTICE
    elif months_late == 6 and secured:
        kind = REPOSSESSION
    if amount > 0:
        outcome = CURED if cured else PART_PAID
    else:
        draw = rng.random()
        outcome = NO_CONTACT if draw < 0.45 else (PROMISE if draw < 0.85 else REFUSED)
    return _action(actions, a, loan, _between(rng, first, last), kind, outcome, amount)


@nb.njit(nogil=True, cache=True)
def _book(rng, start, due_on, group, interest, principal, late, off_on, foreclosed, lent, month0, mandate, punctual,
          secured, prepaid, severity, starts, ends, events, actions):  # type: ignore[no-untyped-def]  # fmt: skip
    """Loan by loan, month by month; returns how many events and actions were made.

    row: first due not settled; part: paid towards it; charge: bounce charge not paid; balance: principal after the
    settled rows; before: months late at the end of the month before.
    """
    n, a, months = 0, 0, late.shape[1]
    for i in range(len(lent)):
        row, end, part, charge, balance, before = start[i], start[i + 1], 0, 0, lent[i], 0
        for m in range(month0[i], months):
            state, last = late[i, m], ends[m]
            if state < 0 or balance == 0:
                break
            if 0 <= off_on[i] <= last:
                n, a = _write_off(rng, events, n, actions, a, i, due_on, interest, principal, row, end, part, charge,
                                  off_on[i], balance, int(lent[i] * severity[i]), secured[i], ends[-1])  # fmt: skip
                break
            until = _settled_until(due_on, group, row, end, m - state if state > 0 else months, last)
            if before == 0:
                n, balance = _pay_month(rng, events, n, i, due_on, interest, principal, row, until, last, mandate[i],
                                        punctual[i], starts[month0[i]] + 31, foreclosed[i] == m, prepaid[i] == m,
                                        balance)  # fmt: skip
                row = until
                if state > 0 and row < end and due_on[row] <= last:
                    n, part, charge = _miss(rng, events, n, i, due_on[row], interest[row] + principal[row], last,
                                            mandate[i])  # fmt: skip
                    if due_on[row] + 3 <= last:
                        a = _action(actions, a, i, due_on[row] + 3, SMS, NO_CONTACT, 0)
            elif starts[m] + 2 <= last:
                n, on, paid, part, charge, repaid = _catch_up(rng, events, n, i, due_on, interest, principal, row,
                                                              until, end, part, charge, state, starts[m] + 2, last)  # fmt: skip
                a = _pursued(rng, actions, a, i, before, secured[i], starts[m] + 1, on, state == 0, paid)
                row, balance = until, balance - repaid
            before = state
    return n, a


@nb.njit(nogil=True, cache=True)
def _pay_month(rng, events, n, loan, due_on, interest, principal, row, until, last, mandate, punctual, earliest,
               forecloses, prepays, balance):  # type: ignore[no-untyped-def]  # fmt: skip
    """The dues of a month without arrears, and a prepayment or foreclosure; returns the principal left."""
    for k in range(row, until):
        # a foreclosure is paid with the due of its day, when no interest has accrued
        n = _pay_due(rng, events, n, loan, due_on[k], interest[k] + principal[k], last, mandate,
                     punctual or forecloses, earliest)  # fmt: skip
        balance -= principal[k]
        if forecloses and balance > 0:
            return _event(rng, events, n, loan, FORECLOSURE, due_on[k], balance, NEFT, -1), 0
    if prepays and until > row:
        amount = int(balance * (0.05 + 0.15 * rng.random())) // 100_000 * 100_000
        if amount > 0:
            n = _event(rng, events, n, loan, PREPAYMENT, _between(rng, due_on[until - 1], last), amount, NEFT, -1)
            balance -= amount
    return n, balance


@nb.njit(nogil=True, cache=True)
def _catch_up(rng, events, n, loan, due_on, interest, principal, row, until, end, part, charge, state, first, last):  # type: ignore[no-untyped-def]  # fmt: skip
    """A month that begins in arrears: the dues up to `until` are paid at once, or a token, or nothing.

    Returns events, day, amount paid, what is then paid towards the next due, charge unpaid, principal repaid.
    """
    owed, repaid = 0, 0
    for k in range(row, until):
        owed += interest[k] + principal[k]
        repaid += principal[k]
    on = _between(rng, max(first, due_on[until - 1]) if until > row else first, last)
    if until > row:
        # a charge belongs to the installment after the bounced one (CV-08), so it is paid with that
        charged = charge if state == 0 or until > row + 1 else 0
        amount = owed - part + charged
        n = _event(rng, events, n, loan, PAYMENT, on, amount, _manual_channel(rng, amount), -1)
        return n, on, amount, 0, charge - charged, repaid
    if row < end and rng.random() < 0.1:
        due = interest[row] + principal[row]
        token = int(due * (0.1 + 0.2 * rng.random())) // 100 * 100
        # less than the due stays open however little is missing (AC-04)
        if token > 0 and part + token < due * 3 // 5:
            return _event(rng, events, n, loan, PAYMENT, on, token, UPI, -1), on, token, part + token, charge, 0
    return n, on, 0, part, charge, 0


@nb.njit(nogil=True, cache=True)
def _miss(rng, events, n, loan, on, amount, last, mandate):  # type: ignore[no-untyped-def]
    """The first due of a spell in arrears: returned by the bank, paid in part, or not paid at all."""
    draw = rng.random()
    if mandate and draw < 0.7 and on + 1 <= last:
        return _bounce(rng, events, n, loan, on, amount, min(on + 3, last)), 0, BOUNCE_CHARGE
    if draw < 0.82:
        part = int(amount * (0.2 + 0.3 * rng.random())) // 100 * 100
        if part > 0:
            return _event(rng, events, n, loan, PAYMENT, on, part, UPI, -1), part, 0
    return n, 0, 0


@nb.njit(nogil=True, cache=True)
def _write_off(rng, events, n, actions, a, loan, due_on, interest, principal, row, end, part, charge, on, balance, kept,
               secured, last_day):  # type: ignore[no-untyped-def]  # fmt: skip
    """The end of a loan that is given up: what could be realised, the write-off of the rest, recoveries afterwards."""
    outstanding = balance - (max(0, part - interest[row]) if row < end else 0)
    if outstanding > kept:
        amount, settled, kind = _realised(due_on, interest, principal, row, end, part, charge, on, outstanding, kept)
        if amount > 0:
            n = _event(rng, events, n, loan, kind, on, amount, NEFT, -1)
            a = _action(actions, a, loan, on, REPOSSESSION if secured else SETTLEMENT, SETTLED, amount)
            outstanding -= settled
    n = _event(rng, events, n, loan, WRITE_OFF, on, outstanding, -1, -1)
    return _recoveries(rng, events, n, actions, a, loan, on, outstanding, last_day)
