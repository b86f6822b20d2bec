"""What installments must be: the linear equation that ends the balance at zero, solved exactly, rounded at the end.

Belongs here: pricing at the disbursal, pricing anew after an event, how many rows a kept installment needs. Does not:
when that happens (walk.py).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.transforms.kernels.reference_loan.amounts import ZERO, installment_rounded, interest_rounded
from tests.transforms.kernels.reference_loan.course import PAYS, Course, Spec
from tests.transforms.kernels.reference_loan.dates import DAY, nominal_period

MOST_ROWS = 1_200


class Unpayable(ValueError):
    """The kept installment never repays the principal."""


class Overpaid(ValueError):
    """The installments stated in steps repay more than the principal."""


def price(course: Course) -> None:
    """The first price, on the day of the disbursal; a given installment is taken as it is."""
    terms = course.terms
    if terms.amortisation in ("emi", "step") and terms.installment_amount is not None:
        course.installment = Fraction(terms.installment_amount)
    elif terms.amortisation != "custom" or sum(course.custom.values()) != course.principal:
        reprice(course, terms.disbursed_on)
    if course.installment < 0:
        raise Overpaid


def reprice(course: Course, today: date) -> None:
    """The installment (or the row principal) changes from the first row due after today."""
    terms = course.terms
    if course.principal == 0 or course.position >= len(course.specs):
        return
    if terms.amortisation == "custom":
        _in_proportion(course)
    elif terms.amortisation in ("interest_only", "bullet"):
        return
    else:
        ahead, day = _at_first_paying_row(course, today)
        _use_up_step(course, ahead)
        _use_up_step(ahead, ahead)
        rows = sum(spec.kind == PAYS for spec in ahead.specs[ahead.position :])
        if terms.amortisation == "equal_principal":
            balance = max(ZERO, ahead.principal - Fraction(terms.balloon))
            course.even_principal = installment_rounded(balance / rows, terms.rounding)
        else:
            course.installment = installment_rounded(_solved(ahead, day), terms.rounding)


def _use_up_step(course: Course, ahead: Course) -> None:
    """A step on the first row that pays the new price is used up by it."""
    course.steps = tuple(step for step in course.steps if step.from_number > ahead.next_spec.index)


def _at_first_paying_row(course: Course, today: date) -> tuple[Course, date]:
    """The course as it will stand after rows that settle no principal (grace, moratorium), and the day of that."""
    ahead = course.copy()
    while ahead.next_spec.kind != PAYS:
        while today < ahead.next_due_on:
            ahead.night(today, ZERO)
            today += DAY
        ahead.fall_due()
    return ahead, today


def _solved(ahead: Course, today: date) -> Fraction:
    """The installment X for which the balance ends at the balloon.

    After each row the balance is (a - b X) / d; growth and steps are linear, so one division at the end gives X.
    Numerators and denominator are kept apart, never shortened: exact, and fast enough for 480 rows.
    """
    a, b, d = ahead.principal.numerator, 0, ahead.principal.denominator
    weight, fixed, steps = Fraction(1), ZERO, list(ahead.steps)
    for position, spec in enumerate(ahead.specs[ahead.position :], ahead.position + 1):
        if spec.kind != PAYS:
            continue
        while steps and steps[0].from_number <= spec.index:
            step = steps.pop(0)
            change = 1 + Fraction(step.change or 0)
            amount = step.installment_amount
            weight, fixed = (ZERO, Fraction(amount)) if amount is not None else (weight * change, fixed * change)
        growth, earned = _growth(ahead, spec, position, today)
        shift = earned - fixed
        a, b, d = a * growth.numerator, b * growth.numerator, d * growth.denominator
        a, b, d = a * shift.denominator + shift.numerator * d, b * shift.denominator, d * shift.denominator
        b, a, d = b * weight.denominator + weight.numerator * d, a * weight.denominator, d * weight.denominator
    balloon = Fraction(ahead.terms.balloon)
    return Fraction(a * balloon.denominator - balloon.numerator * d, b * balloon.denominator)


def _growth(ahead: Course, spec: Spec, position: int, today: date) -> tuple[Fraction, Fraction]:
    """(growth of the balance in a row, interest beside that): nominal, by the row's own fraction, or a flat share."""
    terms = ahead.terms
    if terms.interest_method != "reducing":
        return Fraction(1), ahead.share(spec)
    if terms.installment_basis == "periodic_rate":
        return 1 + ahead.rate * nominal_period(terms.repay_every), ZERO
    is_running = position == ahead.position + 1
    start = today if is_running else ahead.calendar.starts_on(position)
    fraction = ahead.calendar.fraction_from(position, start)
    return 1 + ahead.rate * fraction, ahead.nights.total if is_running else ZERO


# Custom schedules.


def _in_proportion(course: Course) -> None:
    """Remaining principals in the proportions agreed; rounded to the interest unit, the last takes the rest."""
    indexes = [spec.index for spec in course.specs[course.position :]]
    agreed = sum((course.agreed[index] for index in indexes), ZERO)
    left = course.principal
    for index in indexes:
        share = interest_rounded(course.agreed[index] * course.principal / agreed, course.terms.rounding)
        course.custom[index] = left if index == indexes[-1] else min(left, share)
        left -= course.custom[index]


def _shrink_from_the_last(course: Course, by: Fraction) -> None:
    """A prepayment lowers the last principals; what then stands counts as agreed."""
    for spec in reversed(course.specs[course.position :]):
        cut = min(by, course.custom[spec.index])
        course.custom[spec.index] -= cut
        by -= cut
    course.agreed = dict(course.custom)


def add_to_the_last(course: Course, tranche: Fraction) -> None:
    """A tranche with `tenor` comes back with the last row; what then stands counts as agreed."""
    course.custom[course.specs[-1].index] += tranche
    course.agreed = dict(course.custom)


# Tenor.


def shorten(course: Course, today: date, prepaid: Fraction) -> None:
    """A prepayment with reduce_tenor: the installment stays, the last row comes earlier, never later."""
    if course.terms.amortisation == "custom":
        _shrink_from_the_last(course, prepaid)
    rows = len(course.forecast(today))
    if rows and course.principal > 0:
        course.specs = course.specs[: course.position + rows]


def keep_installment(course: Course, today: date) -> None:
    """A rate change or tranche with `tenor`: the number of rows becomes what it must be. Raises Unpayable."""
    terms = course.terms
    if course.principal == 0 or course.position >= len(course.specs):
        return
    if terms.amortisation in ("interest_only", "bullet", "custom"):
        return
    if terms.amortisation in ("emi", "step"):
        nominal = course.principal * course.rate * nominal_period(terms.repay_every)
        if nominal >= running_installment(course):
            raise Unpayable
    ahead = course.copy()
    last = max(spec.index for spec in course.specs)
    more = MOST_ROWS + 1 - len(course.specs)
    ahead.specs = course.specs + tuple(Spec(PAYS, last + k) for k in range(1, more + 1))
    rows = course.position + len(ahead.forecast(today))
    if rows > MOST_ROWS:
        raise Unpayable
    course.specs = ahead.specs[:rows]


def running_installment(course: Course) -> Fraction:
    """The installment of the running row, a step on it included."""
    ahead = course.copy()
    ahead._take_step(ahead.next_spec)
    return ahead.installment
