"""The entries of one loan and one day: what was debited and credited under each head, and why.

Belongs here: explaining how a day turns yesterday's balances into today's. Does not: the balances (replay.py), the
statement around the entries (statement.py).

An entry is found, never assumed: what a head was debited on a day is what its balance moved by plus what was settled of
it. Causes are then taken off by name; what none explains is an entry of its own. So the entries of a day always add up
to the move of the balances, whatever happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from transforms.kernels.figures import Allocation, LoanState
from transforms.kernels.loan import Event, Fee, Loan, Terms
from transforms.kernels.money import HUNDREDTHS, SMALLEST, Mode, Rounding, rounded

NOTHING = Decimal("0.00")
HEADS = ("principal", "interest", "fee", "penal", "excess")
# Kinds of entries in the order of a day (rule 2), and what each says; {} is its detail.
NARRATIONS = {
    "disbursement": "Loan disbursed",
    "deducted_fee": "{}, kept back at disbursal",
    "upfront_interest": "Broken-period interest, kept back at disbursal",
    "deducted": "Kept back from the disbursal: {}",
    "interest_due": "Interest of installment {}",
    "fee_due": "{}",
    "tranche": "Further disbursement {}",
    "takeover": "Balance taken over",
    "restructure": "Restructured",
    "capitalised": "Interest added to principal",
    "charge": "{}",
    "foreclosure_charge": "Foreclosure charge",
    "penal": "Penal charge to this day",
    "penal_charge": "{}",
    "written_off_recovered": "Written-off principal recovered",
    "adjustment": "Adjustment",
    "set_off": "Advance set off {}",
    "waiver": "Waived {}",
    "payment": "Payment received {}",
    "recovery": "Recovery received {}",
    "prepayment": "Prepayment received {}",
    "foreclosure": "Foreclosure received {}",
    "write_off": "Written off",
    "residue": "Residue waived",
    "refund": "Advance refunded {}",
    "reversal": "Reversal of {}",
}
KINDS = tuple(NARRATIONS)


@dataclass(frozen=True)
class Entry:
    """A debit or (negative) credit under one head. detail: an installment number, a fee's name or an event's id."""

    kind: str
    head: str
    amount: Decimal
    detail: str = ""
    gst: Decimal = NOTHING


@dataclass(frozen=True)
class Balances:
    """What is owed under each head at a day-end; excess is owed to the borrower, so it counts negative."""

    principal: Decimal = NOTHING
    interest: Decimal = NOTHING
    fee: Decimal = NOTHING
    penal: Decimal = NOTHING
    excess: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.fee + self.penal + self.excess

    def less(self, other: Balances) -> Balances:
        return Balances(*(getattr(self, head) - getattr(other, head) for head in HEADS))


def balances(state: LoanState) -> Balances:
    """Principal outstanding, interest, fee and penal due, excess held."""
    return Balances(state.principal_outstanding, state.interest_overdue, state.fee_due, state.penal_due, -state.excess)


def entries_of_day(
    loan: Loan, on: date, before: Balances, state: LoanState, events: Sequence[Event], upfront_interest: Decimal
) -> list[Entry]:
    """The entries of the day `on` in the story of `state` (its day-end). They add up to its balances less `before`.

    events: all that count in this story, in the order of rule 2. upfront_interest: taken at disbursal.
    """
    today = [event for event in events if event.on == on]
    named = [
        *_disbursements(loan, on, today, upfront_interest),
        *_dues(loan, on, state, events),
        *(charge_entry(event, loan.currency) for event in _of("charge", today)),
        *(
            Entry("waiver", event.component or "", -(event.amount or NOTHING), event.id)
            for event in _of("waiver", today)
        ),
        *_receipts(state.allocations, on, {event.id: event for event in events}),
    ]
    moved = balances(state).less(before)
    unnamed = moved.less(_totals(named))
    rest = (_rest(head, getattr(unnamed, head), state, today, loan.terms) for head in HEADS)
    entries = [*named, *rest]
    return sorted((one for one in entries if one.amount), key=lambda one: KINDS.index(one.kind))


def restated(before: Balances, after: Balances, reversed_ids: Iterable[str]) -> list[Entry]:
    """What reversals of a day changed under each head, later allocations and penal charges included."""
    change, detail = after.less(before), ", ".join(reversed_ids)
    found = (Entry("reversal", head, getattr(change, head), detail) for head in HEADS)
    return [one for one in found if one.amount]


def fee_amounts(fee: Fee, principal: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """(net, GST) of a fee, each half up to the currency's smallest amount."""
    unit = Rounding(Decimal(SMALLEST[currency]) / HUNDREDTHS, Mode.HALF_UP)
    net = fee.amount if fee.amount is not None else rounded(principal * (fee.rate or 0), unit)
    return net, rounded(net * fee.gst_rate, unit)


def _of(kind: str, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.type == kind]


def _totals(entries: Sequence[Entry]) -> Balances:
    return Balances(*(sum((one.amount for one in entries if one.head == head), NOTHING) for head in HEADS))


def _disbursements(loan: Loan, on: date, today: Sequence[Event], upfront_interest: Decimal) -> list[Entry]:
    """Principal paid out; fees and interest kept back from it are debited and at once credited."""
    found = [Entry("tranche", "principal", event.amount or NOTHING, event.id) for event in _of("disbursement", today)]
    if on != loan.terms.disbursed_on:
        return found
    found.append(Entry("disbursement", "principal", loan.terms.principal))
    if upfront_interest:
        found.append(Entry("upfront_interest", "interest", upfront_interest))
        found.append(Entry("deducted", "interest", -upfront_interest))
    for fee in loan.terms.fees:
        if fee.when == "disbursement" and fee.deducted:
            net, gst = fee_amounts(fee, loan.terms.principal, loan.currency)
            found.append(Entry("deducted_fee", "fee", net + gst, fee.name, gst))
            found.append(Entry("deducted", "fee", -net - gst, fee.name))
        elif fee.when == "disbursement":
            net, gst = fee_amounts(fee, loan.terms.principal, loan.currency)
            found.append(Entry("fee_due", "fee", net + gst, fee.name, gst))
    return found


def _dues(loan: Loan, on: date, state: LoanState, events: Sequence[Event]) -> list[Entry]:
    """Interest and recurring fees of the rows due on the day. The row that closes a loan early bears no such fee."""
    rows = [row for row in state.installments if row.due_on == on]
    found = [Entry("interest_due", "interest", row.interest, str(row.number)) for row in rows]
    terms = _terms_in_force(loan, on, events)
    is_closed = any(event.on == on for event in _of("foreclosure", events))
    for row in rows[:-1] if is_closed else rows:
        for fee in terms.fees:
            net, gst = fee_amounts(fee, terms.principal, loan.currency)
            if fee.when == "each_installment" and net + gst <= row.fee:
                found.append(Entry("fee_due", "fee", net + gst, fee.name, gst))
    return found


def _terms_in_force(loan: Loan, on: date, events: Sequence[Event]) -> Terms:
    """The terms as last restructured before the day."""
    changed = [event.terms for event in _of("restructure", events) if event.on < on and event.terms is not None]
    return changed[-1] if changed else loan.terms


def charge_entry(event: Event, currency: str) -> Entry:
    """What a charge event debits, its GST included."""
    name, amount = event.name or event.id, event.amount or NOTHING
    if event.component == "penal":
        return Entry("penal_charge", "penal", amount, name)
    net, gst = fee_amounts(Fee(name, amount=amount, gst_rate=event.gst_rate), NOTHING, currency)
    return Entry("charge", "fee", net + gst, name, gst)


def _receipts(allocations: Sequence[Allocation], on: date, events: dict[str, Event]) -> list[Entry]:
    """One entry per receipt and head; money held that settles later dues is a set-off."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for one in allocations:
        if one.on == on:
            event = events[one.event_id]
            kind = event.type if event.on == on else "set_off"
            for head in HEADS:
                key = (kind, event.reference or event.id, head)
                found[key] = found.get(key, NOTHING) - getattr(one, head)
    return [Entry(kind, head, amount, name) for (kind, name, head), amount in found.items()]


def _rest(head: str, amount: Decimal, state: LoanState, today: Sequence[Event], terms: Terms) -> Entry:
    """What no other entry explains, under the name of its likeliest cause."""
    types = {event.type for event in today}
    if head == "penal" and amount > 0:
        return Entry("penal", head, amount)
    if head == "fee" and amount > 0 and "foreclosure" in types:
        gst_rate = terms.foreclosure.gst_rate if terms.foreclosure else Decimal(0)
        # the charge was rounded, then its GST: dividing and rounding gives it back
        net = rounded(amount / (1 + gst_rate), Rounding(Decimal("0.01"), Mode.HALF_UP))
        return Entry("foreclosure_charge", head, amount, gst=amount - net)
    for cause in ("takeover", "restructure"):
        if cause in types:
            return Entry(cause, head, amount)
    if head == "principal" and amount > 0:
        return Entry("written_off_recovered" if state.status == "WRITTEN_OFF" else "capitalised", head, amount)
    if head == "principal" and "write_off" in types:
        return Entry("write_off", head, amount)
    return Entry("residue" if amount < 0 else "adjustment", head, amount)
