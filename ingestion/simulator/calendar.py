"""The months a simulated portfolio lives through, as integers: days since 1970 and months since the first one.

Belongs here: which month a day lies in, and when months begin and end. Does not: when an installment falls due
(schedules.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
"""Days since 1970-01-01."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


@dataclass(frozen=True)
class Window:
    """The months of a portfolio, the last being the month of as_of.

    months: how many. first: months from 1970-01 to the first. starts: first day of each month, and of the one after the
    last. ends: last day of each month, the last one cut at as_of.
    """

    months: int
    first: int
    as_of: int
    starts: Days
    ends: Days

    @classmethod
    def until(cls, as_of: date, months: int) -> Window:
        last = (as_of.year - 1970) * 12 + as_of.month - 1
        first = last - months + 1
        starts = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        ends = np.minimum(starts[1:] - 1, day_number(as_of))
        return cls(months, first, day_number(as_of), starts, ends)

    def month(self, days: Days) -> NDArray[np.int64]:
        """The month of each day, the first month of the window being 0."""
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - self.first


def financial_year(days: Days) -> NDArray[np.int64]:
    """The year in which the April to March year of each day begins."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return 1970 + (months - 3) // 12
