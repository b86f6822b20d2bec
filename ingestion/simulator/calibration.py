"""The real figures that a simulated portfolio is held to, and where they come from.

Belongs here: targets and the table of charge-off timing. Does not: how they are reached (behaviour.py) or counted
(measure.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

DAYS_A_MONTH = 30.4375

_MORTGAGES = "US mortgages originated January to March 2012, 116,058 loans, status of month 12 against month 13"
_SBA = "SBA 7(a) loans 1961-2014 (SBA FOIA data), 157,178 charge-offs with a date"


@dataclass(frozen=True)
class Target:
    """A figure to meet: its name, its value and where that was observed."""

    name: str
    target: float
    source: str


ROLL_RATES = (
    Target("roll rate: current to late", 0.003, _MORTGAGES),
    Target("roll rate: one month late to late", 0.47, _MORTGAGES),
    Target("roll rate: two or more months late to late", 0.95, _MORTGAGES),
)
"""Shares of loans late at the next month's end, by months late now."""

SEVERITY = Target("severity: charged off of disbursed, mean", 0.62, _SBA)
QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
TIMING_SOURCE = _SBA + ", cut at each loan's own age and tenure"

# 157,178 of the 894,992 loans with an outcome and a disbursement date were charged off, at whatever age.
LEVEL = 157_178 / 894_992


@cache
def timing() -> NDArray[np.float64]:
    """Share of charge-offs by whole months from disbursement to charge-off, up to 15 years."""
    rows = pl.read_csv(Path(__file__).with_name("charge_off_timing.csv"), comment_prefix="#")
    share = rows["loans"].to_numpy().astype(np.float64)
    return share / share.sum()
