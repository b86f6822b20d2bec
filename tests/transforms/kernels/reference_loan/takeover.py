"""A running loan joins: how its terms stand on the day it is taken over.

Belongs here: the course after a takeover. Does not: the dues it brings (walk.py).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.transforms.kernels.reference_loan import pricing
from tests.transforms.kernels.reference_loan.amounts import ZERO
from tests.transforms.kernels.reference_loan.course import Course
from tests.transforms.kernels.reference_loan.dates import DAY
from transforms.kernels.loan import Terms


def taken_over(terms: Terms, principal: Fraction, today: date) -> Course:
    """Rows due by today are gone; the running row bears the principal taken over, nights before today included."""
    course = _as_contracted(terms, today)
    is_as_contracted = course.principal == principal
    course.principal = principal
    course.clear_earned()
    if course.is_ended or course.position == len(course.specs):
        course.is_ended = True
        return course
    _earn_until(course, today)
    if not is_as_contracted:
        course.reprice(today)
    return course


def _earn_until(course: Course, today: date) -> None:
    """What the rows that have paid no interest yet have earned on the principal taken over; the running one is last."""
    running, first = course.position, course.position
    while first and course.pays_nothing(course.specs[first - 1]) and not course.specs[first - 1].capitalises:
        first -= 1
    for position in range(first, running + 1):
        course.position = position
        for night in course.calendar.all_nights(position + 1):
            if night < today:
                course.night(night, ZERO)
        if position < running:
            course.defer()


def _as_contracted(terms: Terms, today: date) -> Course:
    """The course of the terms at the end of today when nothing happened."""
    course = Course(terms, Fraction(terms.principal))
    pricing.price(course)
    day = terms.disbursed_on
    while True:
        if course.has_next and course.next_due_on == day:
            course.fall_due()
        if day == today:
            return course
        course.night(day, ZERO)
        day += DAY
