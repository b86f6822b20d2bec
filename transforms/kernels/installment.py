"""The installment of a loan: solved from the balance it must pay off, rounded as if computed with infinite precision.

Belongs here: the annuity over any periods, and the proof of its rounding. Does not: which rows amortise (dues.py).

The balance X, unrounded, is paid off by m rows that each pay A; the k-th row first grows what is left by its own
fraction: A = (X g1 ... gm - balloon) / (1 + gm + gm gm-1 + ...). `proved` evaluates this in float64 with basic
operations only, each of which errs by at most u = 2^-53 of its result: a fraction and its growth by 2u, a product by u
more, so the numerator errs by (3m + 3)u and the denominator by 4mu of themselves. Twice that is taken, which covers the
products of errors. When the nearest rounding boundary is farther away, the rounded float is the rounded exact value.
When it is not (a loan in millions; every loan of thousands of crores), or when steps are to be solved, `exact` computes
it in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from transforms.kernels.columns import ABSENT, MILLIONTHS, Records
from transforms.kernels.compiled import inner
from transforms.kernels.money import Mode, rounded_fraction

UNIT_ROUNDOFF = 2.0**-53
FLOAT_EXACT = 2.0**53
UNPROVED = -1


@inner
def proved(ask, growths, unit, mode):  # type: ignore[no-untyped-def]
    """The installment that `ask` describes, a whole multiple of unit; UNPROVED where float64 cannot tell."""
    rows, balloon = ask.rows, np.float64(ask.balloon)
    balance = np.float64(ask.whole) + np.float64(ask.rest) / (np.float64(ask.of) * MILLIONTHS)
    weight = 0.0 if ask.grows_first else 1.0
    growth, above, below = 1.0, -1, -1
    for row in range(0 if ask.grows_first else 1, rows):
        if growths[row].numerator != above or growths[row].denominator != below:
            above, below = growths[row].numerator, growths[row].denominator
            growth = 1.0 + np.float64(above) / np.float64(below)
        balance *= growth
        weight = weight * growth + 1.0
    amount = (balance - balloon) / weight
    error = 2.0 * UNIT_ROUNDOFF * (balance / weight * (3.0 * rows + 8.0) + abs(amount) * (4.0 * rows + 8.0))
    return rounded_when_sure(amount / unit, error / unit + abs(amount / unit) * 4.0 * UNIT_ROUNDOFF, unit, mode)


@inner
def rounded_when_sure(steps, error, unit, mode):  # type: ignore[no-untyped-def]
    """steps x unit rounded by mode when every value within `error` of steps rounds alike, else UNPROVED."""
    if not (0.0 <= steps < FLOAT_EXACT / 4.0) or not (error < 0.25):
        return UNPROVED
    below = np.floor(steps)
    part = steps - below
    boundary = abs(part - 0.5) if mode < Mode.UP else min(part, 1.0 - part)
    if boundary <= error:
        return UNPROVED
    carry = part > 0.5 if mode < Mode.UP else mode == Mode.UP
    return (np.int64(below) + carry) * unit


def exact(ask: Any, growths: Records, steps: Records, unit: int, mode: Mode) -> int:
    """The installment that `ask` describes, exactly, at any size; steps: those of the terms (STEP records)."""
    balance = int(ask["whole"]) + Fraction(int(ask["rest"]), int(ask["of"]) * MILLIONTHS)
    grown = growths[0 if ask["grows_first"] else 1 : int(ask["rows"])]
    if not len(steps) and len(grown) and (grown == grown[0]).all():
        return _exact_of_equal_periods(ask, balance, grown, unit, mode)
    weight = Fraction(0)
    times, fixed = Fraction(1), Fraction(0)  # a row pays times x A + fixed
    for row in range(int(ask["rows"])):
        if row > 0 or ask["grows_first"]:
            growth = 1 + Fraction(int(growths[row]["numerator"]), int(growths[row]["denominator"]))
            balance, weight = balance * growth, weight * growth
        if row > 0:
            times, fixed = stepped(times, fixed, steps, int(ask["position"]) + row)
        balance, weight = balance - fixed, weight + times
    if weight == 0:
        return 0
    return rounded_fraction((balance - int(ask["balloon"])) / weight, unit, mode)


def _exact_of_equal_periods(ask: Any, balance: Fraction, grown: Records, unit: int, mode: Mode) -> int:
    """As exact, in closed form: all rows grow the balance alike, so a hundred rows are two powers."""
    rows, below = int(ask["rows"]), int(grown[0]["denominator"])
    above = below + int(grown[0]["numerator"])
    weight = Fraction(rows)
    if above != below:
        weight = Fraction(above**rows - below**rows, below ** (rows - 1) * (above - below))
    left = balance * Fraction(above ** len(grown), below ** len(grown)) - int(ask["balloon"])
    return rounded_fraction(left / weight, unit, mode)


def stepped(
    times: Fraction, fixed: Fraction, steps: Sequence[object] | Records, position: int
) -> tuple[Fraction, Fraction]:
    """(times, fixed) of the row at a position (1 is the first of the terms), given those of the row before."""
    for step in steps:
        if int(step["from_number"]) != position:  # type: ignore[index]
            continue
        if int(step["installment_amount"]) != ABSENT:  # type: ignore[index]
            return Fraction(0), Fraction(int(step["installment_amount"]))  # type: ignore[index]
        change = 1 + Fraction(int(step["change"]), MILLIONTHS)  # type: ignore[index]
        return times * change, fixed * change
    return times, fixed
