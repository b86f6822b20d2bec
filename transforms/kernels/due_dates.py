"""Due dates: what day each installment of a loan falls on.

Belongs here: periods, the anchor day, month-ends. Does not: holidays (they move the presentation of a mandate, never
the due date: CV-04).

Each rule stands twice: for one loan on dates, and compiled on day numbers (days since 1970-01-01), equal on every loan.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np

from transforms.kernels.compiled import entry, inner

UNITS = {"day": 0, "week": 1, "month": 2, "year": 3}
LAST_DAY = 2_932_896  # 9999-12-31, the last date that any of our tools can hold


def due_dates(disbursed_on: date, first_due_on: date | None, every: int, unit: str, installments: int) -> list[date]:
    """All due dates of a loan, oldest first. first_due_on: None means one period after disbursed_on.

    Monthly and yearly dates keep the anchor day: short months clamp, later ones return to it. The anchor is the day of
    disbursed_on when first_due_on is absent or equals the clamped natural date, otherwise the day of first_due_on
    (rule 3).
    """
    natural = moved(disbursed_on, every, unit, disbursed_on.day)
    first = first_due_on or natural
    anchor = disbursed_on.day if first == natural else first.day
    return [moved(first, k * every, unit, anchor) for k in range(installments)]


def moved(day: date, count: int, unit: str, anchor: int) -> date:
    """The day `count` units later; in months and years on the anchor day, or the month's last when it has none."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


@entry
def day_number(year, month, day):  # type: ignore[no-untyped-def]
    """Days from 1970-01-01 to a day of the Gregorian calendar; int64."""
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


@entry
def month_and_day(number):  # type: ignore[no-untyped-def]
    """(months since year 0, day of the month) of a day number."""
    shifted = number + 719468
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (month <= 2)
    return year * 12 + month - 1, day


CALENDAR_FROM, CALENDAR_YEARS = 1950 * 12, 200  # where a table saves the arithmetic
CALENDAR = np.array(
    [date(1950 + k // 12, k % 12 + 1, 1).toordinal() - date(1970, 1, 1).toordinal() for k in range(CALENDAR_YEARS * 12)]
)


@inner
def month_first(months):  # type: ignore[no-untyped-def]
    """Day number of the first day of a month (months since year 0)."""
    place = months - CALENDAR_FROM
    if 0 <= place < CALENDAR.shape[0]:
        return CALENDAR[place]
    return day_number(months // 12, months % 12 + 1, 1)


@entry
def on_anchor(months, anchor):  # type: ignore[no-untyped-def]
    """Day number of the anchor day in a month (months since year 0), clamped to the month's last day."""
    first = month_first(months)
    return first + min(anchor, month_first(months + 1) - first) - 1


@entry
def first_due(disbursed_on, given, every, unit):  # type: ignore[no-untyped-def]
    """(first due day number, anchor day); given: the first due day number of the terms, or a negative sentinel
    below any real one when absent (NO_DAY)."""
    months, day = month_and_day(disbursed_on)
    if unit < 2:
        natural = disbursed_on + every * (7 if unit == 1 else 1)
    else:
        natural = on_anchor(months + every * (12 if unit == 3 else 1), day)
    first = natural if given == NO_DAY else given
    anchor = day if first == natural else month_and_day(first)[1]
    return first, anchor


NO_DAY = -(2**31)  # stands for "no date" in compiled code


@entry
def due_day(first, anchor, every, unit, index):  # type: ignore[no-untyped-def]
    """Day number of installment `index` (0 is the first)."""
    if unit < 2:
        return first + index * every * (7 if unit == 1 else 1)
    if index == 0:
        return first
    return on_anchor(month_and_day(first)[0] + index * every * (12 if unit == 3 else 1), anchor)
