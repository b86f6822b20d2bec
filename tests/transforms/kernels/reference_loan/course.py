"""The course of some terms: scheduled principal, interest earned night by night, rows falling due.

Belongs here: one row after another, as contracted. Does not: what installments must be (pricing.py), what the borrower
paid (ledger.py), what events do (walk.py).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.transforms.kernels.reference_loan.amounts import ZERO, installment_rounded, interest_rounded
from tests.transforms.kernels.reference_loan.dates import A_365TH, DAY, calendar_of, nominal_period
from tests.transforms.kernels.reference_loan.nights import Nights
from transforms.kernels.loan import Step, Terms

PAYS, INTEREST_ONLY, NOTHING = "pays", "interest_only", "nothing"


@dataclass(frozen=True)
class Spec:
    """A row to come. index: its number in the terms (0 for an inserted one)."""

    kind: str
    index: int
    capitalises: bool = False
    reprices: bool = False


@dataclass(frozen=True)
class Due:
    """What fell due."""

    number: int
    due_on: date
    principal: Fraction
    interest: Fraction
    balance: Fraction


class Course:
    """How the terms run from the day of the disbursal on, as long as nothing happens."""

    def __init__(self, terms: Terms, principal: Fraction, numbers_before: int = 0) -> None:
        self.terms = terms
        self.calendar = calendar_of(terms)
        self.numbers_before = numbers_before
        self.contracted = self.principal = principal
        self.rate = Fraction(terms.annual_rate)
        self.nights, self.odd_nights = Nights(), Nights()
        self.deferred = ZERO
        self.specs = specs_of(terms)
        self.position = 0
        self.is_ended = False
        self.steps: tuple[Step, ...] = terms.steps if terms.amortisation == "step" else ()
        self.shares = flat_shares(terms, principal)
        self.agreed = {number + 1: Fraction(row.principal) for number, row in enumerate(terms.custom_schedule)}
        self.custom = dict(self.agreed)
        self.installment = ZERO
        self.even_principal: Fraction | None = None

    def copy(self) -> Course:
        twin = copy.copy(self)
        twin.custom = dict(self.custom)
        twin.nights, twin.odd_nights = self.nights.copy(), self.odd_nights.copy()
        return twin

    # Where the course stands.

    @property
    def earned(self) -> Fraction:
        """Interest not yet due: of this row's nights, deferred from earlier rows, of odd nights."""
        return self.nights.total + self.deferred + self.odd_nights.total

    @property
    def interest_falling_due(self) -> Fraction:
        """What would fall due of it now; odd nights are rounded apart."""
        rounding = self.terms.rounding
        return interest_rounded(self.nights.total + self.deferred, rounding) + interest_rounded(
            self.odd_nights.total, rounding
        )

    @property
    def is_over(self) -> bool:
        """The last row fell due."""
        return self.is_ended or self.position >= len(self.specs)

    @property
    def has_next(self) -> bool:
        return not self.is_over and (self.principal > 0 or self.interest_falling_due > 0)

    @property
    def next_number(self) -> int:
        return self.numbers_before + self.position + 1

    @property
    def next_due_on(self) -> date:
        return self.calendar.due_on(self.position + 1)

    @property
    def next_spec(self) -> Spec:
        return self.specs[self.position]

    # Nights.

    def night(self, night: date, arrears: Fraction) -> None:
        """What the night from this day to the next earns; arrears: principal overdue, which counts under `daily`."""
        if self.principal == 0 or not self.has_next:
            return
        if self.calendar.is_odd(night):
            if self.terms.broken_period == "first_installment":
                self.odd_nights.add(self.principal, self.rate, A_365TH)
        elif self.terms.interest_method != "reducing":
            one_of = Fraction(1, len(self.calendar.nights(self.position + 1)))
            self.nights.add(self.share(self.next_spec), Fraction(1), one_of)
        else:
            balance = self.principal + arrears if self.terms.interest_basis == "daily" else self.principal
            self.nights.add(balance, self.rate, self.calendar.fraction(self.position + 1, night))

    def share(self, spec: Spec) -> Fraction:
        """A row's interest under `flat` and `rule_of_78`; an inserted row bears the even share of a period."""
        return self.shares[spec.index] if spec.index else self.shares[0]

    # Rows.

    def fall_due(self) -> Due:
        """The next row falls due today."""
        spec = self.next_spec
        number, due_on = self.next_number, self.next_due_on
        self.position += 1
        self._take_step(spec)
        is_last = self.position == len(self.specs) or self.principal == 0
        if self.pays_nothing(spec) and not is_last:
            principal = interest = ZERO
            self.defer()
            self._capitalise(spec)
        else:
            interest, own_interest = self._interest_falls_due()
            principal = self._principal_falling_due(spec, own_interest, is_last)
        self.principal -= principal
        self.is_ended = self.is_ended or is_last or self.principal == 0
        return Due(number, due_on, principal, interest, self.principal)

    def pays_nothing(self, spec: Spec) -> bool:
        return spec.kind == NOTHING or (spec.kind == PAYS and self.terms.amortisation == "bullet")

    def defer(self) -> None:
        """What this row earned waits for a later one."""
        self.deferred += self.nights.total
        self.nights = Nights()

    def _capitalise(self, spec: Spec) -> None:
        if spec.capitalises:
            interest, _ = self._interest_falls_due()
            self.principal += interest
        if spec.reprices:
            self.reprice(self.calendar.due_on(self.position))

    def clear_earned(self) -> None:
        self.deferred = ZERO
        self.nights, self.odd_nights = Nights(), Nights()

    def _interest_falls_due(self) -> tuple[Fraction, Fraction]:
        """(all interest of the row, the part of it that the installment has to cover)."""
        rounding, interest = self.terms.rounding, self.interest_falling_due
        own = interest_rounded(self.nights.total + self.deferred, rounding) - interest_rounded(self.deferred, rounding)
        self.clear_earned()
        return interest, own

    def _principal_falling_due(self, spec: Spec, own_interest: Fraction, is_last: bool) -> Fraction:
        if is_last:
            return self.principal
        if spec.kind == INTEREST_ONLY or self.terms.amortisation in ("interest_only", "bullet"):
            return ZERO
        if self.terms.amortisation == "custom":
            return min(self.principal, self.custom[spec.index])
        if self.even_principal is not None:
            return min(self.principal, self.even_principal)
        if self.principal + own_interest <= self.installment:
            return self.principal
        return min(self.principal, max(ZERO, self.installment - own_interest))

    def _take_step(self, spec: Spec) -> None:
        """From this row on the installment is another."""
        while self.steps and 0 < self.steps[0].from_number <= spec.index:
            step, *rest = self.steps
            self.steps = tuple(rest)
            self.installment = stepped(self.installment, step, self.terms)

    def closing(self, number: int, on: date) -> Due:
        """One last row today replaces the later ones."""
        interest = interest_rounded(self.earned, self.terms.rounding)
        due = Due(number, on, self.principal, interest, ZERO)
        self.principal = ZERO
        self.clear_earned()
        self.is_ended = True
        return due

    def forecast(self, today: date, rows: int | None = None) -> list[Due]:
        """The rows to come if nothing more happens and arrears are settled today; this course stays where it is."""
        ahead, out = self.copy(), list[Due]()
        while ahead.has_next and (rows is None or len(out) < rows):
            while today < ahead.next_due_on:
                ahead.night(today, ZERO)
                today += DAY
            out.append(ahead.fall_due())
        return out

    # Changes.

    def reprice(self, today: date) -> None:
        """From the first row due after today, installments are such that the balance ends at zero."""
        from tests.transforms.kernels.reference_loan import pricing

        pricing.reprice(self, today)


def stepped(installment: Fraction, step: Step, terms: Terms) -> Fraction:
    if step.installment_amount is not None:
        return Fraction(step.installment_amount)
    assert step.change is not None
    return installment_rounded(installment * (1 + Fraction(step.change)), terms.rounding)


def specs_of(terms: Terms) -> tuple[Spec, ...]:
    """The rows of the terms: grace first."""
    return tuple(_spec(terms, number) for number in range(1, terms.installments + 1))


def _spec(terms: Terms, number: int) -> Spec:
    grace = terms.grace
    if number <= grace.interest_installments:
        is_end = number == grace.interest_installments and grace.capitalise == "at_end"
        return Spec(NOTHING, number, capitalises=is_end or grace.capitalise == "each_due")
    return Spec(INTEREST_ONLY if number <= grace.principal_installments else PAYS, number)


def flat_shares(terms: Terms, principal: Fraction) -> tuple[Fraction, ...]:
    """Interest of each row under `flat` and `rule_of_78`; item 0 is the even share of a period."""
    if terms.interest_method == "reducing":
        return ()
    n = terms.installments
    years = n * nominal_period(terms.repay_every)
    total = interest_rounded(principal * Fraction(terms.annual_rate) * years, terms.rounding)
    even = interest_rounded(total / n, terms.rounding)
    weights = [Fraction(1, n)] * n
    if terms.interest_method == "rule_of_78":
        weights = [Fraction(n - k + 1, n * (n + 1) // 2) for k in range(1, n + 1)]
    shares, left = list[Fraction](), total
    for weight in weights[:-1]:
        shares.append(min(left, interest_rounded(total * weight, terms.rounding)))
        left -= shares[-1]
    return (even, *shares, left)
