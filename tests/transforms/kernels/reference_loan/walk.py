"""A loan day by day: nights earn, rows fall due, events happen, the day closes.

Belongs here: the order of a day, dues, what can be asked of the state. Does not: what each event does (events.py),
which events count (engine.py).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.transforms.kernels.reference_loan import pricing
from tests.transforms.kernels.reference_loan.amounts import ZERO, half_up, interest_rounded, smallest, with_gst
from tests.transforms.kernels.reference_loan.course import Course
from tests.transforms.kernels.reference_loan.dates import DAY
from tests.transforms.kernels.reference_loan.delinquency import Norms, npa_since
from tests.transforms.kernels.reference_loan.ledger import Ledger, Row
from transforms.kernels.loan import Event, Loan, LoanRefused, Waterfall


class Days:
    """The state of a loan while its days go by; each type of event has a method of its name in events.Walk."""

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
        try:
            pricing.price(self.course)
        except pricing.Overpaid:
            raise LoanRefused("terms", "steps repay more than the principal") from None
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
        if not course.has_next or course.next_due_on != self.today:
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
        return interest_rounded(self.course.earned, self.terms.rounding) if self.course.has_next else ZERO

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

    # Charges.

    def _charge_at_disbursal(self) -> None:
        for amount in self._fees("disbursement"):
            if amount > 0:
                self._book(amount, "fee")

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

    def _refused(self, event: Event, field: str, problem: str) -> LoanRefused:
        place = [other.id for other in self.loan.events].index(event.id)
        return LoanRefused(f"events[{place}].{field}", problem)
