"""The statement of account: every debit and credit of a loan between two days (RX-12, FR-01).

Belongs here: opening and closing balances, lines, what is due, paid and overdue. Does not: why a day's balances moved
(ledger.py), how the statement looks (transforms/documents).

The running balance is principal outstanding + interest due + fees due + penal charges due - excess held. So opening +
debits - credits = closing, whatever happened in between: reversals, restructures and write-offs are lines like others.
Interest earned and not yet due is stated beside it, not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from transforms.kernels.columns import effective_events
from transforms.kernels.figures import Installment, LoanState
from transforms.kernels.kfs import key_facts
from transforms.kernels.ledger import (
    NARRATIONS,
    NOTHING,
    Balances,
    Entry,
    balances,
    charge_entry,
    entries_of_day,
    fee_amounts,
    restated,
)
from transforms.kernels.loan import Event, Loan, LoanRefused
from transforms.kernels.replay import replay, schedule_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class StatementLine:
    """One line. kind and detail: what the narration says, for other languages; balance: after this line."""

    on: date
    narration: str
    head: str
    debit: Decimal
    credit: Decimal
    balance: Decimal
    kind: str
    detail: str


@dataclass(frozen=True)
class HeadSummary:
    """One head from disbursal to the last day: due = paid + waived + overdue. Principal: of the rows fallen due.

    What was kept back from the disbursal counts as due and paid; after a takeover, what was before it does not count.
    """

    head: str
    due: Decimal
    paid: Decimal
    waived: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class ChargeLine:
    """A fee or charge of the period with its GST apart; penal charges bear none (TX-02)."""

    on: date
    name: str
    kind: str
    detail: str
    amount: Decimal
    gst: Decimal
    total: Decimal


@dataclass(frozen=True)
class NextDue:
    """The first row after the last day; from_excess: what money held already covers of it."""

    on: date
    number: int
    principal: Decimal
    interest: Decimal
    fee: Decimal
    total: Decimal
    from_excess: Decimal


@dataclass(frozen=True)
class Statement:
    """A loan between from_on and to_on, both days included.

    annual_rate: in force on to_on. apr: of the Key Facts Statement (FR-01), None where none can be stated.
    """

    loan_id: str
    currency: str
    from_on: date
    to_on: date
    sanctioned: Decimal
    disbursed_on: date
    matures_on: date
    annual_rate: Decimal
    apr: Decimal | None
    status: str
    dpd: int
    asset_class: str
    opening_balance: Decimal
    lines: tuple[StatementLine, ...]
    debits: Decimal
    credits: Decimal
    closing_balance: Decimal
    closing: Balances
    interest_accrued: Decimal
    summary: tuple[HeadSummary, ...]
    next_due: NextDue | None
    installments_left: int
    charges: tuple[ChargeLine, ...]


def statement(loan: Loan, from_on: date, to_on: date, known_at: datetime | None = None) -> Statement:
    """The statement of account from the morning of from_on to the day-end of to_on, as known at known_at.

    LoanRefused when the days are in the wrong order or to_on is before the disbursal.
    """
    if from_on > to_on:
        raise LoanRefused("from", f"{from_on} is after {to_on}")
    story = _Story(loan, known_at)
    last = story.state(to_on)
    start = from_on - ONE_DAY
    opening = balances(story.state(start)) if start >= loan.terms.disbursed_on else Balances()
    entries = story.entries(opening, max(from_on, loan.terms.disbursed_on), to_on)
    lines = _lines(opening.total, entries)
    coming = [row for row in last.installments if row.due_on > to_on and row.total > 0]
    return Statement(
        loan_id=loan.loan_id,
        currency=loan.currency,
        from_on=from_on,
        to_on=to_on,
        sanctioned=loan.terms.principal + NOTHING,
        disbursed_on=loan.terms.disbursed_on,
        matures_on=max((row.due_on for row in last.installments), default=to_on),
        annual_rate=_rate_in_force(loan, story.counting(to_on)),
        apr=_apr(loan),
        status=last.status,
        dpd=last.dpd,
        asset_class=last.asset_class,
        opening_balance=opening.total,
        lines=lines,
        debits=sum((line.debit for line in lines), NOTHING),
        credits=sum((line.credit for line in lines), NOTHING),
        closing_balance=lines[-1].balance if lines else opening.total,
        closing=balances(last),
        interest_accrued=last.interest_accrued,
        summary=_summary(last, story.kept_back(to_on)),
        next_due=_next_due(coming[0], last.excess) if coming else None,
        installments_left=len(coming),
        charges=(
            *(_charge(on, one) for on, one in entries if _is_charge(one)),
            *story.reversed_charges(from_on, to_on),
        ),
    )


class _Story:
    """The day-ends of one loan, replayed once each."""

    def __init__(self, loan: Loan, known_at: datetime | None) -> None:
        self.loan, self.known_at = loan, known_at
        self.known = [event for event in loan.events if known_at is None or event.booked_at <= known_at]
        self.upfront_interest = schedule_of(loan).upfront_interest
        self._states: dict[date, LoanState] = {}

    def state(self, on: date) -> LoanState:
        if on not in self._states:
            self._states[on] = replay(self.loan, on, self.known_at)
        return self._states[on]

    def counting(self, on: date, loan: Loan | None = None) -> list[Event]:
        """The events that count at a day-end, in the order of rule 2."""
        return effective_events(loan or self.loan, on, self.known_at)[0]

    def entries(self, opening: Balances, first_on: date, last_on: date) -> list[tuple[date, Entry]]:
        """Every entry with its day, oldest first."""
        found, before = [], opening
        for on in self._days(first_on, last_on):
            found += [(on, one) for one in self._entries_of(on, before)]
            before = balances(self.state(on))
        return found

    def kept_back(self, on: date) -> Balances:
        """Interest and fees taken from the disbursal."""
        if any(event.type == "takeover" for event in self.counting(on)):
            return Balances()
        terms = self.loan.terms
        deducted = [fee for fee in terms.fees if fee.when == "disbursement" and fee.deducted]
        amounts = [part for fee in deducted for part in fee_amounts(fee, terms.principal, self.loan.currency)]
        return Balances(interest=self.upfront_interest, fee=sum(amounts, NOTHING))

    def reversed_charges(self, first_on: date, last_on: date) -> list[ChargeLine]:
        """Charges taken back by a reversal of the period, as negative ones."""
        gone = {event.reverses: event.on for event in self.known if event.type == "reversal"}
        found = []
        for event in self.known:
            if event.type == "charge" and event.id in gone and first_on <= gone[event.id] <= last_on:
                entry = charge_entry(event, self.loan.currency)
                taken_back = Entry("reversal", entry.head, -entry.amount, entry.detail, -entry.gst)
                found.append(_charge(gone[event.id], taken_back))
        return found

    def _days(self, first_on: date, last_on: date) -> list[date]:
        """The days on which something may have moved: events, and due dates of every story that one of them ended."""
        told = [last_on, *(event.on - ONE_DAY for event in self.known if event.type in ("reversal", "takeover"))]
        due = {row.due_on for day in told if self._is_told(day, last_on) for row in self.state(day).installments}
        days = {first_on, last_on, *due, *(event.on for event in self.known)}
        return sorted(day for day in days if first_on <= day <= last_on)

    def _is_told(self, day: date, last_on: date) -> bool:
        return self.loan.terms.disbursed_on <= day <= last_on

    def _entries_of(self, on: date, before: Balances) -> list[Entry]:
        """A day on which something is reversed: first as if it were not, then what the reversal changed."""
        after = self.state(on)
        reversals = [event for event in self.known if event.type == "reversal" and event.on == on]
        if not reversals:
            return entries_of_day(self.loan, on, before, after, self.counting(on), self.upfront_interest)
        ids = [event.reverses or "" for event in reversals]
        unreversed = replace(self.loan, events=tuple(event for event in self.loan.events if event not in reversals))
        try:
            as_if = replay(unreversed, on, self.known_at)
        except LoanRefused:  # other events of the day need the reversal
            return restated(before, balances(after), ids)
        events = self.counting(on, unreversed)
        entries = entries_of_day(self.loan, on, before, as_if, events, self.upfront_interest)
        return entries + restated(balances(as_if), balances(after), ids)


def _lines(opening: Decimal, entries: Sequence[tuple[date, Entry]]) -> tuple[StatementLine, ...]:
    lines, balance = [], opening + NOTHING
    for on, one in entries:
        balance += one.amount
        narration = NARRATIONS[one.kind].format(one.detail).strip(" :")
        debit, credit = max(one.amount, NOTHING) + NOTHING, max(-one.amount, NOTHING) + NOTHING
        lines.append(StatementLine(on, narration, one.head, debit, credit, balance, one.kind, one.detail))
    return tuple(lines)


def _apr(loan: Loan) -> Decimal | None:
    try:
        return key_facts(loan).apr
    except LoanRefused:
        return None


def _rate_in_force(loan: Loan, events: Sequence[Event]) -> Decimal:
    """The rate after the last change; events are in the order of rule 2."""
    rate = loan.terms.annual_rate
    for event in events:
        if event.type == "rate_change" and event.annual_rate is not None:
            rate = event.annual_rate
        elif event.type == "restructure" and event.terms is not None:
            rate = event.terms.annual_rate
    return rate


def _summary(state: LoanState, kept_back: Balances) -> tuple[HeadSummary, ...]:
    overdue = {
        "principal": state.principal_overdue,
        "interest": state.interest_overdue,
        "fee": state.fee_due,
        "penal": state.penal_due,
    }
    found = []
    for head, amount in overdue.items():
        paid = sum((getattr(row, f"{head}_paid") for row in state.installments), getattr(kept_back, head))
        waived = sum((getattr(row, f"{head}_waived", NOTHING) for row in state.installments), NOTHING)
        found.append(HeadSummary(head, paid + waived + amount, paid, waived, amount))
    return tuple(found)


def _next_due(row: Installment, excess: Decimal) -> NextDue:
    covered = min(excess, row.total)
    return NextDue(row.due_on, row.number, row.principal, row.interest, row.fee, row.total, covered)


def _is_charge(entry: Entry) -> bool:
    return entry.kind in ("deducted_fee", "fee_due", "charge", "foreclosure_charge", "penal", "penal_charge")


def _charge(on: date, entry: Entry) -> ChargeLine:
    name = NARRATIONS[entry.kind].format(entry.detail).strip(" :")
    return ChargeLine(on, name, entry.kind, entry.detail, entry.amount - entry.gst, entry.gst, entry.amount)
