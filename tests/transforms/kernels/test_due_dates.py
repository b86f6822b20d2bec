"""Due dates: anchors, short months, and the compiled form against dates."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.kernels.due_dates import NO_DAY, UNITS, day_number, due_dates, due_day, first_due, month_and_day

EPOCH = date(1970, 1, 1).toordinal()


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("disbursed_on", "first_due_on", "every", "unit", "expected"),
    [
        ("2025-01-15", None, 1, "month", days("2025-02-15", "2025-03-15", "2025-04-15")),
        # short months clamp, later ones return to the anchor
        ("2025-01-31", None, 1, "month", days("2025-02-28", "2025-03-31", "2025-04-30")),
        ("2024-01-30", None, 1, "month", days("2024-02-29", "2024-03-30", "2024-04-30")),
        # a first due date that is the clamped natural one keeps the day of disbursement
        ("2025-01-31", "2025-02-28", 1, "month", days("2025-02-28", "2025-03-31", "2025-04-30")),
        # any other is the anchor itself
        ("2025-01-15", "2025-02-28", 1, "month", days("2025-02-28", "2025-03-28", "2025-04-28")),
        ("2025-01-10", "2025-03-05", 1, "month", days("2025-03-05", "2025-04-05", "2025-05-05")),
        ("2024-02-29", None, 1, "year", days("2025-02-28", "2026-02-28", "2027-02-28")),
        ("2023-02-28", "2024-02-29", 1, "year", days("2024-02-29", "2025-02-28", "2026-02-28")),
        ("2025-11-30", None, 3, "month", days("2026-02-28", "2026-05-30", "2026-08-30")),
        ("2025-02-27", None, 2, "week", days("2025-03-13", "2025-03-27", "2025-04-10")),
        ("2025-02-27", "2025-03-01", 10, "day", days("2025-03-01", "2025-03-11", "2025-03-21")),
    ],
)
def test_due_dates_keep_their_anchor(
    disbursed_on: str, first_due_on: str | None, every: int, unit: str, expected: list[date]
) -> None:
    first = date.fromisoformat(first_due_on) if first_due_on else None
    assert due_dates(date.fromisoformat(disbursed_on), first, every, unit, 3) == expected


@given(st.dates(date(1600, 1, 1), date(9999, 12, 31)))
def test_day_numbers_are_the_calendar(day: date) -> None:
    number = day.toordinal() - EPOCH
    assert day_number(day.year, day.month, day.day) == number
    assert month_and_day(np.int64(number)) == (day.year * 12 + day.month - 1, day.day)


@given(
    st.dates(date(1950, 1, 1), date(2100, 12, 31)),
    st.one_of(st.none(), st.integers(1, 400)),
    st.integers(1, 40),
    st.sampled_from(list(UNITS)),
)
def test_compiled_dates_equal_dates(disbursed_on: date, after: int | None, every: int, unit: str) -> None:
    first_due_on = None if after is None else date.fromordinal(disbursed_on.toordinal() + after)
    given_day = NO_DAY if first_due_on is None else first_due_on.toordinal() - EPOCH
    first, anchor = first_due(disbursed_on.toordinal() - EPOCH, given_day, every, UNITS[unit])
    compiled = [date.fromordinal(due_day(first, anchor, every, UNITS[unit], k) + EPOCH) for k in range(30)]
    assert compiled == due_dates(disbursed_on, first_due_on, every, unit, 30)
