"""What each event does to a loan.

Belongs here: one method a type of event. Does not: the order of a day (walk.py), which events count (engine.py).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from tests.transforms.kernels.reference_loan import pricing
from tests.transforms.kernels.reference_loan.amounts import ZERO, with_gst
from tests.transforms.kernels.reference_loan.course import INTEREST_ONLY, NOTHING, Course, Spec
from tests.transforms.kernels.reference_loan.dates import DAY
from tests.transforms.kernels.reference_loan.ledger import Ledger, Row, Settled, nothing
from tests.transforms.kernels.reference_loan.nights import Nights
from tests.transforms.kernels.reference_loan.takeover import taken_over
from tests.transforms.kernels.reference_loan.walk import Days
from transforms.kernels.loan import Event


class Walk(Days):
    """A loan whose days bring events."""

    def _charge(self, event: Event) -> None:
        assert event.amount is not None
        is_penal = event.component == "penal"
        amount = Fraction(event.amount)
        self._book(amount if is_penal else with_gst(amount, event.gst_rate, self.unit), "penal" if is_penal else "fee")
        self._set_off()

    def _waiver(self, event: Event) -> None:
        assert event.amount is not None
        assert event.component is not None
        if event.amount > self.ledger.overdue(event.component):
            raise self._refused(event, "amount", "more than is due")
        self.ledger.waive(event.component, Fraction(event.amount))

    def _payment(self, event: Event) -> None:
        assert event.amount is not None
        left = self._settle(event, Fraction(event.amount))
        held = left
        if left > 0 and self.terms.excess != "hold" and self.course.has_next:
            held = min(left, max(ZERO, self._total_of_next_row() - self.ledger.excess()))
            held += self._prepay(event, left - held, self.terms.excess)
        self.ledger.hold(event.id, self.today, held)

    def _recovery(self, event: Event) -> None:
        if not self.is_written_off:
            raise self._refused(event, "type", "nothing was written off")
        assert event.amount is not None
        self.ledger.hold(event.id, self.today, self._settle(event, Fraction(event.amount)))

    def _settle(self, event: Event, money: Fraction) -> Fraction:
        before = self.ledger.overdue("principal")
        left = self.ledger.settle(event.id, self.today, money, self.waterfall())
        self._unclaimed(before - self.ledger.overdue("principal"))
        return left

    def _unclaimed(self, principal: Fraction) -> None:
        """Principal settled is taken from the written-off amount first."""
        self.written_off -= min(self.written_off, principal)

    def _total_of_next_row(self) -> Fraction:
        """What is held before anything is a prepayment."""
        [row] = self.course.forecast(self.today, rows=1)
        return row.principal + row.interest + self.installment_fee()

    def _prepayment(self, event: Event) -> None:
        assert event.amount is not None
        assert event.adjust is not None
        left = self._settle(event, Fraction(event.amount))
        self.ledger.hold(event.id, self.today, self._prepay(event, left, event.adjust))

    def _prepay(self, event: Event, money: Fraction, adjust: str) -> Fraction:
        """Money goes to principal not yet due; returns what is beyond it."""
        part = min(money, self.course.principal)
        if part == 0:
            return money
        self.course.principal -= part
        self._unclaimed(part)
        self.ledger.settled.append(
            Settled(event.id, self.today, None, nothing() | {"principal": part}, ZERO),
        )
        if adjust == "reduce_installment":
            self.course.reprice(self.today)
        else:
            pricing.shorten(self.course, self.today, part)
        return money - part

    def _disbursement(self, event: Event) -> None:
        assert event.amount is not None
        self._refuse_unless_reducing(event)
        if not self.course.has_next:
            raise self._refused(event, "on", "no installment is to come")
        self.course.principal += Fraction(event.amount)
        if self.terms.amortisation == "custom" and event.adjust == "tenor":
            pricing.add_to_the_last(self.course, Fraction(event.amount))
        self._readjust(event)

    def _rate_change(self, event: Event) -> None:
        assert event.annual_rate is not None
        self._refuse_unless_reducing(event)
        self.course.rate = Fraction(event.annual_rate)
        self._readjust(event)

    def _refuse_unless_reducing(self, event: Event) -> None:
        if self.terms.interest_method != "reducing":
            raise self._refused(event, "type", "does not go with these terms")

    def _readjust(self, event: Event) -> None:
        if event.adjust != "tenor":
            self.course.reprice(self.today)
            return
        try:
            pricing.keep_installment(self.course, self.today)
        except pricing.Unpayable:
            raise self._refused(event, "adjust", "negative amortisation") from None

    def _moratorium(self, event: Event) -> None:
        assert event.from_number is not None
        assert event.installments is not None
        course = self.course
        if self.terms.interest_method == "rule_of_78" or self.terms.amortisation == "custom":
            raise self._refused(event, "type", "does not go with these terms")
        at = event.from_number - course.numbers_before - 1
        if at < course.position:
            raise self._refused(event, "from", "installments fallen due")
        if at >= len(course.specs) or not course.has_next:
            raise self._refused(event, "on", "no such installment is to come")
        kind = INTEREST_ONLY if event.interest == "pay" else NOTHING
        is_capitalised = event.interest == "capitalise"
        inserted = [Spec(kind, 0)] * (event.installments - 1) + [Spec(kind, 0, is_capitalised, is_capitalised)]
        course.specs = course.specs[:at] + tuple(inserted) + course.specs[at:]

    def _restructure(self, event: Event) -> None:
        assert event.terms is not None
        ledger, course = self.ledger, self.course
        principal = course.principal + ledger.overdue("principal")
        for row in ledger.rows:
            row.principal -= ledger.unpaid(row, "principal")
        if event.overdue == "capitalise":
            principal += ledger.overdue("interest")
            for row in ledger.rows:
                row.interest -= ledger.unpaid(row, "interest")
        elif event.overdue == "waive":
            ledger.waive("interest", ledger.overdue("interest"))
        self.terms = replace(event.terms, disbursed_on=event.on)
        self.course = Course(self.terms, principal, self._last_number())
        self.course.nights = Nights(course.earned)
        try:
            pricing.price(self.course)
        except pricing.Overpaid:
            raise self._refused(event, "terms", "steps repay more than the principal") from None
        self._charge_at_disbursal()
        self._set_off()

    def _takeover(self, event: Event) -> None:
        assert event.principal is not None
        self.course = taken_over(self.terms, Fraction(event.principal), self.today)
        number = self.course.position
        self.ledger = Ledger(self.unit)
        self.npa_since = event.npa_since
        late_principal = self.course.principal if self.course.is_over else ZERO
        self.course.principal -= late_principal
        if not (event.interest_overdue or event.fee_due or event.penal_due or late_principal):
            return
        due_on = event.oldest_due_on or self.today
        row = Row(number, due_on, late_principal, Fraction(event.interest_overdue), self.course.principal)
        row.fees = [(due_on, Fraction(event.fee_due))] if event.fee_due else []
        row.penal_charges = Fraction(event.penal_due)
        grace = self.terms.penal.grace_days if self.terms.penal else 0
        row.is_late = self.today > row.due_on + grace * DAY
        self.ledger.rows.append(row)

    def _foreclosure(self, event: Event) -> None:
        assert event.amount is not None
        if event.amount < self.payoff() - Fraction(self.terms.tolerance):
            raise self._refused(event, "amount", "less than the payoff")
        charge, gst = self.foreclosure_charge()
        number = self.course.next_number if self.course.has_next else self._last_number() + 1
        due = self.course.closing(number, self.today)
        if due.principal or due.interest or charge or self.ledger.pending:
            row = self._row(number)
            row.due_on, row.principal, row.interest, row.balance = self.today, due.principal, due.interest, ZERO
            row.fees += [(self.today, charge + gst)] if charge + gst else []
        self._set_off()
        self.ledger.hold(event.id, self.today, self._settle(event, Fraction(event.amount)))

    def _write_off(self, event: Event) -> None:
        outstanding = self.claim() - self.written_off
        if outstanding == 0:
            raise self._refused(event, "amount", "nothing is outstanding")
        amount = outstanding if event.amount is None else Fraction(event.amount)
        if amount > outstanding:
            raise self._refused(event, "amount", "more than the principal outstanding")
        self.written_off += amount
        self.is_written_off = self.ledger.is_penal_frozen = True

    def _refund(self, event: Event) -> None:
        assert event.amount is not None
        if event.amount > self.ledger.excess():
            raise self._refused(event, "amount", "more than the excess held")
        self.ledger.refund(event.id, self.today, Fraction(event.amount))
