"""A loan day by day: nights earn, rows fall due, events happen, the day closes.

Belongs here: the order of a day, and what each event does. Does not: which events count (engine.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from tests.transforms.kernels.reference_loan import pricing
from tests.transforms.kernels.reference_loan.amounts import ZERO, half_up, interest_rounded, smallest, with_gst
from tests.transforms.kernels.reference_loan.course import INTEREST_ONLY, NOTHING, Course, Spec
from tests.transforms.kernels.reference_loan.dates import DAY
from tests.transforms.kernels.reference_loan.delinquency import Norms, npa_since
from tests.transforms.kernels.reference_loan.ledger import Ledger, Row, Settled, nothing
from tests.transforms.kernels.reference_loan.takeover import taken_over
from transforms.kernels.loan import Event, Loan, LoanRefused, Waterfall


class Walk:
    """The state of a loan while its days go by."""

    def __init__(self, loan: Loan, norms: Norms) -> None:
        self.loan = loan
        self.norms = norms
        self.terms = loan.terms
        self.unit = smallest(loan.currency)
        self.ledger = Ledger(self.unit)
        self.course = Course(self.terms, Fraction(self.terms.principal))
        self.today = self.terms.disbursed_on
        self.written_off = ZERO
        self.is_written_off = False
        self.npa_since: date | None = None
        self.something_happened = False
        self.arrears = ZERO
        self.oldest_pi_due_on: date | None = None
        pricing.price(self.course)
        self._charge_at_disbursal()

    # A day.

    def day(self, events: list[Event]) -> None:
        """Today from morning to its end."""
        self.something_happened = bool(events) or self.today == self.terms.disbursed_on
        self.ledger.mark_late(self.today, self.terms.penal)
        self._fall_due()
        for event in events:
            getattr(self, f"_{event.type}")(event)
        self._close()

    def night(self) -> None:
        """Tonight bears the balances of today's end."""
        self.course.night(self.today, self.arrears)
        self.ledger.penal_night(self.today, self.terms.penal)
        self.today += DAY

    def _fall_due(self) -> None:
        course = self.course
        if course.is_ended or course.position >= len(course.specs) or course.next_due_on != self.today:
            return
        if not course.has_next:
            course.skip()
            return
        self.something_happened = True
        due = course.fall_due()
        row = self._row(due.number)
        row.due_on, row.principal, row.interest, row.balance = due.due_on, due.principal, due.interest, due.balance
        fee = self.installment_fee()
        row.fees += [(due.due_on, fee)] if fee else []
        self._set_off()

    def _set_off(self) -> None:
        """Held money settles what just fell due, value-dated today."""
        before = self.ledger.overdue("principal")
        self.ledger.set_off(self.today, self.waterfall())
        self._unclaimed(before - self.ledger.overdue("principal"))

    def _row(self, number: int) -> Row:
        """A new row, which takes over the charges booked for it."""
        row = self.ledger.pending or Row(number, self.today)
        self.ledger.pending = None
        row.has_fallen = True
        self.ledger.rows.append(row)
        return row

    def _close(self) -> None:
        """The end of today: a residue within tolerance goes, rows are marked as paid, the class is looked at."""
        if self.something_happened:
            if self.ledger.pending and not self.course.has_next:
                self._row(self.ledger.pending.number)
            if not self.course.has_next:
                self._waive_residue()
            self.ledger.mark_paid(self.today)
            self.ledger.something_changed()
            self.arrears = self.ledger.overdue("principal")
            self.oldest_pi_due_on = self.ledger.oldest_due_on(("principal", "interest"))
        self.npa_since = npa_since(self.npa_since, self.oldest_pi_due_on, self.today, self.norms)

    def _waive_residue(self) -> None:
        residue = self.ledger.total_overdue() - self.ledger.excess()
        if 0 < residue <= Fraction(self.terms.tolerance):
            self._unclaimed(self.ledger.overdue("principal"))
            for component in ("principal", "interest", "fee", "penal"):
                self.ledger.waive(component, self.ledger.overdue(component))

    # What others ask.

    def waterfall(self) -> Waterfall:
        """A receipt uses the order of its loan's class at the day-end before; npa_since is still of yesterday."""
        if self.is_written_off and self.terms.waterfall_written_off:
            return self.terms.waterfall_written_off
        if self.npa_since and not self.is_written_off and self.terms.waterfall_npa:
            return self.terms.waterfall_npa
        return self.terms.waterfall

    def claim(self) -> Fraction:
        """Principal not repaid, written off or not."""
        return self.course.principal + self.ledger.overdue("principal")

    def accrued(self) -> Fraction:
        return interest_rounded(self.course.earned, self.terms.rounding)

    def foreclosure_charge(self) -> tuple[Fraction, Fraction]:
        """(charge, GST on it) of closing today."""
        terms = self.terms.foreclosure
        if terms is None or 0 < terms.free_after_installments < self.course.next_number:
            return ZERO, ZERO
        charge = half_up(self.course.principal * Fraction(terms.rate), self.unit)
        return charge, half_up(charge * Fraction(terms.gst_rate), self.unit)

    def payoff(self) -> Fraction:
        charge, gst = self.foreclosure_charge()
        dues = self.ledger.total_overdue() + self.course.principal + self.accrued()
        return dues + charge + gst - self.ledger.excess()

    def installment_fee(self) -> Fraction:
        return sum(self._fees("each_installment"), ZERO)

    def _fees(self, when: str) -> list[Fraction]:
        fees = [fee for fee in self.terms.fees if fee.when == when and not (fee.deducted and when == "disbursement")]
        amounts = [
            half_up(Fraction(fee.rate) * self.course.contracted, self.unit)
            if fee.amount is None and fee.rate is not None
            else Fraction(fee.amount or 0)
            for fee in fees
        ]
        return [with_gst(amount, fee.gst_rate, self.unit) for amount, fee in zip(amounts, fees, strict=True)]

    # Events.

    def _charge_at_disbursal(self) -> None:
        for amount in self._fees("disbursement"):
            self._book(amount, "fee")

    def _charge(self, event: Event) -> None:
        assert event.amount is not None
        is_penal = event.component == "penal"
        amount = Fraction(event.amount)
        self._book(amount if is_penal else with_gst(amount, event.gst_rate, self.unit), "penal" if is_penal else "fee")
        self._set_off()

    def _book(self, amount: Fraction, component: str) -> None:
        row = self._row_of_charge()
        if component == "penal":
            row.penal_charges += amount
        else:
            row.fees.append((self.today, amount))

    def _row_of_charge(self) -> Row:
        """The first installment due today or later; with none left, a row of its own."""
        ledger = self.ledger
        if ledger.rows and ledger.rows[-1].due_on == self.today:
            return ledger.rows[-1]
        if self.course.has_next:
            ledger.pending = ledger.pending or Row(self.course.next_number, self.today, has_fallen=False)
            return ledger.pending
        return self._row(self._last_number() + 1)

    def _last_number(self) -> int:
        return max([self.course.next_number - 1, *(row.number for row in self.ledger.rows)])

    def _waiver(self, event: Event) -> None:
        assert event.amount is not None
        assert event.component is not None
        if event.amount > self.ledger.overdue(event.component):
            raise self._refused(event, "amount", "more than is due")
        self.ledger.waive(event.component, Fraction(event.amount))

    def _payment(self, event: Event) -> None:
        assert event.amount is not None
        left = self._settle(event, Fraction(event.amount))
        if left > 0 and self.terms.excess != "hold" and self.course.has_next:
            left -= self._fill_hold(event, left)
            left = self._prepay(event, left, self.terms.excess)
        self.ledger.hold(event.id, self.today, left)

    def _recovery(self, event: Event) -> None:
        if not self.is_written_off:
            raise self._refused(event, "type", "nothing was written off")
        self._payment(event)

    def _settle(self, event: Event, money: Fraction) -> Fraction:
        before = self.ledger.overdue("principal")
        left = self.ledger.settle(event.id, self.today, money, self.waterfall())
        self._unclaimed(before - self.ledger.overdue("principal"))
        return left

    def _unclaimed(self, principal: Fraction) -> None:
        """Principal settled is taken from the written-off amount first."""
        self.written_off -= min(self.written_off, principal)

    def _fill_hold(self, event: Event, money: Fraction) -> Fraction:
        """Money is held up to the next row's total; returns what of it."""
        [row] = self.course.forecast(self.today, rows=1)
        total = row.principal + row.interest + self.installment_fee()
        part = min(money, max(ZERO, total - self.ledger.excess()))
        self.ledger.hold(event.id, self.today, part)
        return part

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
        number = self.course.next_number
        self.course.principal -= part
        self._unclaimed(part)
        self.ledger.settled.append(
            Settled(event.id, self.today, number, nothing() | {"principal": part}, ZERO),
        )
        if adjust == "reduce_installment":
            self.course.reprice(self.today)
        else:
            pricing.shorten(self.course, self.today, part)
        return money - part

    def _disbursement(self, event: Event) -> None:
        assert event.amount is not None
        self.course.principal += Fraction(event.amount)
        self._readjust(event, "amount")

    def _rate_change(self, event: Event) -> None:
        assert event.annual_rate is not None
        self.course.rate = Fraction(event.annual_rate)
        self._readjust(event, "annual_rate")

    def _readjust(self, event: Event, field: str) -> None:
        if event.adjust != "tenor":
            self.course.reprice(self.today)
            return
        try:
            pricing.keep_installment(self.course, self.today)
        except pricing.Unpayable:
            raise self._refused(event, field, "negative amortisation") from None

    def _moratorium(self, event: Event) -> None:
        assert event.from_number is not None
        assert event.installments is not None
        course = self.course
        at = event.from_number - course.numbers_before - 1
        if at < course.position or at + event.installments > len(course.specs) or not course.has_next:
            raise self._refused(event, "from", "installments fallen due")
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
        self.course.deferred = course.earned
        pricing.price(self.course)
        self._charge_at_disbursal()
        self._set_off()

    def _takeover(self, event: Event) -> None:
        assert event.principal is not None
        self.course = taken_over(self.terms, Fraction(event.principal), self.today)
        number = self.course.position
        self.ledger = Ledger(self.unit)
        self.npa_since = event.npa_since
        if event.oldest_due_on is None:
            return
        row = Row(number, event.oldest_due_on, interest=Fraction(event.interest_overdue), balance=self.course.principal)
        row.fees = [(event.oldest_due_on, Fraction(event.fee_due))] if event.fee_due else []
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

    def _refused(self, event: Event, field: str, problem: str) -> LoanRefused:
        place = [other.id for other in self.loan.events].index(event.id)
        return LoanRefused(f"events[{place}].{field}", problem)
