"""The equal periodic installment of a loan before it is rounded, as the APR takes it (KF-05).

Belongs here: loans whose installments are all equal and whose due dates are regular. Does not: the installment charged,
nor any other shape of loan (dues.py); those enter the APR with their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from transforms.kernels.apr import EXACT, periods_per_year
from transforms.kernels.due_dates import due_dates
from transforms.kernels.loan import Terms


def has_regular_dates(terms: Terms, due_on: Sequence[date]) -> bool:
    """Whether every period is a whole one, the first too."""
    every = terms.repay_every
    return list(due_on) == due_dates(terms.disbursed_on, None, every.n, every.unit, len(due_on))


def installment_unrounded(terms: Terms) -> Decimal | None:
    """The equal installment to some 40 digits, by the terms' own formula; None where installments are not all equal.

    For regular due dates only (has_regular_dates).
    """
    is_equal = terms.amortisation == "emi" and not terms.grace.principal_installments and not terms.balloon
    if not is_equal or terms.installment_amount is not None:
        return None
    with localcontext(EXACT):
        if terms.interest_method == "reducing":
            return _annuity(terms)
        years = terms.installments / periods_per_year(terms.repay_every)
        total = terms.principal * (1 + terms.annual_rate * years.numerator / years.denominator)
        return total / terms.installments


def _annuity(terms: Terms) -> Decimal:
    """The amount for which the balance ends at zero when each row bears its own fraction of a year."""
    worth, factor = Decimal(0), Decimal(1)
    for part in _years_of_periods(terms):
        factor /= 1 + terms.annual_rate * part.numerator / part.denominator
        worth += factor
    return terms.principal / worth


def _years_of_periods(terms: Terms) -> list[Fraction]:
    every = terms.repay_every
    if terms.installment_basis == "periodic_rate" or terms.day_count == "30/360":
        return [1 / periods_per_year(every)] * terms.installments
    days = due_dates(terms.disbursed_on, None, every.n, every.unit, terms.installments)
    starts = [terms.disbursed_on, *days[:-1]]
    return [year_fraction(start, end, terms.day_count) for start, end in zip(starts, days, strict=True)]


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """The nights from start to end as a part of a year, by ACT/365, ACT/360, ACT/ACT or 30E/360."""
    if day_count == "30E/360":
        months = (end.year - start.year) * 12 + end.month - start.month
        return Fraction(months * 30 + min(end.day, 30) - min(start.day, 30), 360)
    if day_count == "ACT/ACT":
        years = range(start.year, end.year + 1)
        return sum((_nights_of_year(start, end, year) for year in years), Fraction(0))
    return Fraction((end - start).days, {"ACT/365": 365, "ACT/360": 360}[day_count])


def _nights_of_year(start: date, end: date, year: int) -> Fraction:
    """The nights that begin in the year, over its days."""
    first, last = date(year, 1, 1), date(year, 12, 31) + timedelta(days=1)
    return Fraction((min(end, last) - max(start, first)).days, (last - first).days)
