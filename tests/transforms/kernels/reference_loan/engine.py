"""Schedule, state and payoff of a loan document: which events count, and how figures are shown.

Belongs here: rules 2, 14 and 15, the frozen results. Does not: the days themselves (walk.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from tests.transforms.kernels.reference_loan.amounts import ZERO, interest_rounded, shown
from tests.transforms.kernels.reference_loan.course import Due
from tests.transforms.kernels.reference_loan.delinquency import RBI, Norms, asset_class, days_past_due
from tests.transforms.kernels.reference_loan.events import Walk
from tests.transforms.kernels.reference_loan.ledger import Row, Settled
from transforms.kernels.figures import Allocation, Installment, LoanState, Payoff, Schedule
from transforms.kernels.loan import Event, Loan

ORDER_OF_A_DAY = {
    "disbursement": 1,
    "rate_change": 2,
    "moratorium": 2,
    "restructure": 2,
    "takeover": 2,
    "charge": 3,
    "waiver": 4,
    "payment": 5,
    "recovery": 5,
    "prepayment": 6,
    "foreclosure": 7,
    "write_off": 8,
    "refund": 9,
}


def schedule_of(loan: Loan, norms: Norms = RBI) -> Schedule:
    """The contractual schedule: the course of the terms; events are ignored."""
    walk = Walk(replace(loan, events=()), norms)
    rows = _rows_to_come(walk)
    return Schedule(loan.loan_id, shown(_installment_amount(walk, rows)), tuple(rows), shown(_upfront(walk)))


def replay(loan: Loan, as_of: date, known_at: datetime | None = None, norms: Norms = RBI) -> LoanState:
    """The loan at the day-end of as_of, as known at known_at."""
    walk = walked(loan, as_of, known_at, norms)
    ledger = walk.ledger
    overdue = {name: ledger.overdue(name) for name in ("principal", "interest", "fee", "penal")}
    oldest = ledger.oldest_due_on(("principal", "interest", "fee"))
    dpd = days_past_due(oldest, as_of)
    return LoanState(
        loan_id=loan.loan_id,
        as_of=as_of,
        status=_status(walk),
        principal_outstanding=shown(walk.claim() - walk.written_off),
        interest_accrued=shown(walk.accrued()),
        principal_overdue=shown(overdue["principal"]),
        interest_overdue=shown(overdue["interest"]),
        fee_due=shown(overdue["fee"]),
        penal_due=shown(overdue["penal"]),
        total_overdue=shown(ledger.total_overdue()),
        excess=shown(ledger.excess()),
        oldest_due_on=oldest,
        dpd=dpd,
        dpd_pi=days_past_due(ledger.oldest_due_on(("principal", "interest")), as_of),
        asset_class=asset_class(dpd, walk.npa_since is not None, norms),
        npa_since=walk.npa_since,
        reversed=reversed_ids(loan, as_of, known_at),
        installments=(*(_fallen(row, walk.unit) for row in ledger.rows), *_rows_to_come(walk)),
        allocations=tuple(_allocation(settled) for settled in ledger.settled),
    )


def payoff(loan: Loan, on: date, known_at: datetime | None = None, norms: Norms = RBI) -> Payoff:
    """What closes the loan at the end of that day (rule 12)."""
    walk = walked(loan, on, known_at, norms)
    charge, gst = walk.foreclosure_charge()
    return Payoff(
        loan_id=loan.loan_id,
        on=on,
        principal=shown(walk.claim()),
        interest=shown(walk.ledger.overdue("interest") + walk.accrued()),
        fee=shown(walk.ledger.overdue("fee")),
        penal=shown(walk.ledger.overdue("penal")),
        foreclosure_charge=shown(charge),
        gst=shown(gst),
        excess=shown(walk.ledger.excess()),
        total=shown(walk.payoff()),
    )


def walked(loan: Loan, as_of: date, known_at: datetime | None, norms: Norms) -> Walk:
    """The walk at the end of as_of."""
    walk = Walk(loan, norms)
    events = effective(loan, as_of, known_at)
    while True:
        walk.day([event for event in events if event.on == walk.today])
        if walk.today >= as_of:
            return walk
        walk.night()


# Events that count.


def effective(loan: Loan, as_of: date, known_at: datetime | None) -> list[Event]:
    """Events up to as_of in the order of rule 2; reversed ones count as never made, so do those before a takeover."""
    gone = reversed_ids(loan, as_of, known_at)
    events = [event for event in _known(loan, known_at) if event.on <= as_of and event.id not in gone]
    events = sorted((event for event in events if event.type != "reversal"), key=_place)
    takeovers = [place for place, event in enumerate(events) if event.type == "takeover"]
    return events[takeovers[-1] :] if takeovers else events


def reversed_ids(loan: Loan, as_of: date, known_at: datetime | None) -> tuple[str, ...]:
    """Ids of reversed events, in the order of their reversals."""
    reversals = [event for event in _known(loan, known_at) if event.type == "reversal" and event.on <= as_of]
    return tuple(event.reverses or "" for event in sorted(reversals, key=lambda event: (event.on, *_place(event)[2:])))


def _known(loan: Loan, known_at: datetime | None) -> list[Event]:
    return [event for event in loan.events if known_at is None or event.booked_at <= known_at]


def _place(event: Event) -> tuple[date, int, datetime, str]:
    return event.on, ORDER_OF_A_DAY.get(event.type, 0), event.booked_at, event.id


# Figures.


def _status(walk: Walk) -> str:
    if walk.is_written_off:
        return "WRITTEN_OFF"
    is_owed = walk.claim() or walk.accrued() or walk.ledger.total_overdue()
    return "ACTIVE" if is_owed else "CLOSED"


def _upfront(walk: Walk) -> Fraction:
    """Odd nights whose interest is taken at the disbursal."""
    course = walk.course
    if walk.terms.broken_period != "upfront":
        return ZERO
    nights = (course.calendar.odd_nights_end - walk.terms.disbursed_on).days
    return interest_rounded(course.contracted * course.rate * nights / 365, walk.terms.rounding)


def _installment_amount(walk: Walk, rows: list[Installment]) -> Fraction:
    if walk.terms.amortisation in ("emi", "step"):
        return walk.course.installment
    paying = [Fraction(row.principal + row.interest) for row in rows if row.principal or row.interest]
    return paying[0] if paying else ZERO


def _rows_to_come(walk: Walk) -> list[Installment]:
    """Rows after today if nothing more happens; charges booked on the next one show in it."""
    rows = [_row_to_come(due, walk.installment_fee()) for due in walk.course.forecast(walk.today)]
    if walk.ledger.pending:
        due, booked = rows[0], _fallen(walk.ledger.pending, walk.unit)
        fee = due.fee + booked.fee
        rows[0] = replace(
            booked,
            due_on=due.due_on,
            principal=due.principal,
            interest=due.interest,
            fee=fee,
            total=due.principal + due.interest + fee,
            balance=due.balance,
            paid_on=None,
        )
    return rows


def _row_to_come(due: Due, fee: Fraction) -> Installment:
    row = Row(due.number, due.due_on, due.principal, due.interest, due.balance)
    row.fees = [(due.due_on, fee)] if fee else []
    return _fallen(row, Fraction(1))


def _fallen(row: Row, unit: Fraction) -> Installment:
    return Installment(
        number=row.number,
        due_on=row.due_on,
        principal=shown(row.principal),
        interest=shown(row.interest),
        fee=shown(row.fee),
        total=shown(row.principal + row.interest + row.fee),
        balance=shown(row.balance),
        penal=shown(row.penal(unit)),
        principal_paid=shown(row.paid["principal"]),
        interest_paid=shown(row.paid["interest"]),
        fee_paid=shown(row.paid["fee"]),
        penal_paid=shown(row.paid["penal"]),
        interest_waived=shown(row.waived["interest"]),
        fee_waived=shown(row.waived["fee"]),
        penal_waived=shown(row.waived["penal"]),
        paid_on=row.paid_on,
    )


def _allocation(settled: Settled) -> Allocation:
    return Allocation(
        event_id=settled.event_id,
        on=settled.on,
        installment=settled.number,
        penal=shown(settled.amounts["penal"]),
        fee=shown(settled.amounts["fee"]),
        interest=shown(settled.amounts["interest"]),
        principal=shown(settled.amounts["principal"]),
        excess=shown(settled.excess),
    )
