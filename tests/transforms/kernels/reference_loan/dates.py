"""The calendar of a loan: when rows fall due, and what part of a year each night bears.

Belongs here: rule 3 (due dates), day counts, whole periods counted back, odd nights. Does not: interest (course.py).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from itertools import groupby

from transforms.kernels.loan import RepayEvery, Terms

DAY = timedelta(days=1)
A_365TH = Fraction(1, 365)
A_360TH = Fraction(1, 360)


def moved(day: date, periods: int, every: RepayEvery, anchor: int) -> date:
    """The day so many periods later (or earlier); months and years keep to the anchor day, or the month's last."""
    count = periods * every.n
    if every.unit in ("day", "week"):
        return day + count * (7 if every.unit == "week" else 1) * DAY
    month = day.year * 12 + day.month - 1 + count * (12 if every.unit == "year" else 1)
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(anchor, calendar.monthrange(year, month)[1]))


@cache
def nominal_period(every: RepayEvery) -> Fraction:
    """The part of a year a whole period stands for."""
    return (
        every.n
        * {
            "day": Fraction(1, 365),
            "week": Fraction(7, 365),
            "month": Fraction(1, 12),
            "year": Fraction(1),
        }[every.unit]
    )


def days_of_year(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def thirty_e(day: date) -> int:
    """Day number of the 30E/360 calendar, in which the 31st is the 30th."""
    return 360 * day.year + 30 * day.month + min(day.day, 30)


@lru_cache(maxsize=16)
def calendar_of(terms: Terms) -> Calendar:
    """The calendar of some terms, made once: all that is asked of a loan asks for the same days."""
    return Calendar(terms)


class Calendar:
    """Due dates of some terms, by position (1 is the first row), and the year fraction of each night."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.custom = [row.due_on for row in terms.custom_schedule] if terms.amortisation == "custom" else []
        natural = moved(terms.disbursed_on, 1, terms.repay_every, terms.disbursed_on.day)
        self.first = self.custom[0] if self.custom else terms.first_due_on or natural
        self.anchor = terms.disbursed_on.day if self.first == natural else self.first.day
        self.odd_nights_end = self._odd_nights_end()
        self._sums: dict[tuple[int, date], Fraction] = {}
        self._parts: dict[tuple[int, date], Fraction] = {}
        self._nights: dict[int, list[date]] = {}
        self._periods: dict[int, list[tuple[date, Fraction]]] = {}
        self._due_days: dict[int, date] = {}

    def due_on(self, position: int) -> date:
        if self.custom:
            return self.custom[position - 1]
        if position not in self._due_days:
            self._due_days[position] = moved(self.first, position - 1, self.terms.repay_every, self.anchor)
        return self._due_days[position]

    def starts_on(self, position: int) -> date:
        """The first night of a row's period."""
        return self.terms.disbursed_on if position == 1 else self.due_on(position - 1)

    def _back(self, due_on: date, periods: int) -> date:
        """Whole periods counted back from a due date."""
        return moved(due_on, -periods, self.terms.repay_every, due_on.day if self.custom else self.anchor)

    def _odd_nights_end(self) -> date:
        """Nights before this day are odd: they bear interest of their own beside row 1.

        None under `spread`, nor in a custom schedule, whose periods are as agreed.
        """
        if self.terms.broken_period == "spread" or self.custom:
            return self.terms.disbursed_on
        periods = 0
        while self._back(self.first, periods + 1) >= self.terms.disbursed_on:
            periods += 1
        return self._back(self.first, periods) if periods else self.first

    def is_odd(self, night: date) -> bool:
        return night < self.odd_nights_end

    def all_nights(self, position: int) -> list[date]:
        """The nights of a row's period, odd ones included."""
        start = self.starts_on(position)
        return [start + k * DAY for k in range((self.due_on(position) - start).days)]

    def nights(self, position: int) -> list[date]:
        """The nights of a row's own interest, odd ones left out."""
        if position not in self._nights:
            start = max(self.starts_on(position), self.odd_nights_end)
            self._nights[position] = [start + k * DAY for k in range((self.due_on(position) - start).days)]
        return self._nights[position]

    def fraction(self, position: int, night: date) -> Fraction:
        """The part of a year that the night from this day to the next bears in this row."""
        if (position, night) not in self._parts:
            self._parts[position, night] = self._fraction(position, night)
        return self._parts[position, night]

    def _fraction(self, position: int, night: date) -> Fraction:
        match self.terms.day_count:
            case "30/360":
                return self._of_nominal_period(position, night)
            case "30E/360":
                return Fraction(thirty_e(night + DAY) - thirty_e(night), 360)
            case "ACT/360":
                return A_360TH
            case "ACT/ACT":
                return Fraction(1, days_of_year(night.year))
            case _:
                return A_365TH

    def _of_nominal_period(self, position: int, night: date) -> Fraction:
        """An even share of the whole period, counted back from the due date, in which the night lies."""
        if self.terms.repay_every.unit in ("day", "week"):
            return A_365TH
        if position not in self._periods:
            self._periods[position] = list(self._whole_periods(position))
        return next(part for start, part in self._periods[position] if start <= night)

    def _whole_periods(self, position: int) -> Iterator[tuple[date, Fraction]]:
        """(first night, the part of a year of each night) of whole periods, from a row's due date back to its start."""
        due_on, start, periods = self.due_on(position), self.due_on(position), 0
        while start > self.starts_on(position):
            end, periods = start, periods + 1
            start = self._back(due_on, periods)
            yield start, nominal_period(self.terms.repay_every) / (end - start).days

    def fraction_from(self, position: int, today: date) -> Fraction:
        """The part of a year that a row's own nights from today on bear together."""
        if (position, today) not in self._sums:
            parts = [self.fraction(position, night) for night in self.nights(position) if night >= today]
            equal = [(part, len(list(group))) for part, group in groupby(parts)]
            self._sums[position, today] = sum((part * count for part, count in equal), Fraction(0))
        return self._sums[position, today]
