"""The annual percentage rate of a Key Facts Statement (KF-05, KF-06), rounded as if computed exactly.

Belongs here: the rate that makes what is repaid worth what was disbursed. Does not: which payments and fees of a loan
count (kfs.py).

The rate is nominal: i x periods per year, where sum(amount / (1 + i) ^ at) = net disbursed; never (1 + i) ^ m - 1.
It is found in float64, then made exact to some 40 digits by Newton's steps on decimals: the sum is a polynomial in the
discount factor of the flows' common distance, which Horner's scheme evaluates with few powers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

import numpy as np

from transforms.kernels.loan import LoanRefused, RepayEvery

EXACT = Context(prec=45)
# Beyond these digits a rate is noise; an exact half that noise makes 0.12344999... is a half again.
NOISE = Decimal("1e-25")
FOURTH_DECIMAL = Decimal("0.0001")
APR_MAX = Decimal("1e12")
FLOAT_STEPS = 1000
EXACT_STEPS = 6
ENOUGH = Decimal("1e-25")  # a step this small has left an error of about its square


@dataclass(frozen=True)
class Flow:
    """What the borrower pays: an amount (not negative), `at` periods after disbursal (above zero)."""

    at: Fraction
    amount: Decimal


@dataclass(frozen=True)
class AprSheet:
    """An APR and what it was computed from; periodic_rate: i, the rate of one period."""

    net_disbursed: Decimal
    periods_per_year: Fraction
    flows: tuple[Flow, ...]
    periodic_rate: Decimal
    apr: Decimal


def periods_per_year(every: RepayEvery) -> Fraction:
    """365/n, 365/7n, 12/n or 1/n for n days, weeks, months or years."""
    return {"day": Fraction(365), "week": Fraction(365, 7), "month": Fraction(12), "year": Fraction(1)}[
        every.unit
    ] / every.n


def apr(net_disbursed: Decimal, flows: Sequence[Flow], periods_per_year: Fraction) -> Decimal:
    """The nominal rate a year as a fraction with four decimals, half up: Decimal("0.1707").

    LoanRefused (terms.fees) when nothing is left to disburse or the rate is beyond what can be stated.
    Source: RBI, Key Facts Statement for Loans & Advances, 15 Apr 2024, Annex B.
    """
    return apr_sheet(net_disbursed, flows, periods_per_year).apr


def apr_sheet(net_disbursed: Decimal, flows: Sequence[Flow], periods_per_year: Fraction) -> AprSheet:
    """apr() with what it was computed from."""
    rate = periodic_rate(net_disbursed, flows)
    with localcontext(EXACT):
        a_year = rate * periods_per_year.numerator / periods_per_year.denominator
        if a_year > APR_MAX:
            raise LoanRefused("terms.fees", "fees leave so little to disburse that no APR can be stated")
        stated = a_year.quantize(NOISE).quantize(FOURTH_DECIMAL, ROUND_HALF_UP)
    # + 0: a rate of nothing that noise made negative is 0.0000
    return AprSheet(net_disbursed, periods_per_year, tuple(flows), rate, stated + 0)


def periodic_rate(net_disbursed: Decimal, flows: Sequence[Flow]) -> Decimal:
    """The rate i of one period, to some 40 digits. LoanRefused as apr()."""
    if net_disbursed <= 0:
        raise LoanRefused("terms.fees", f"fees and interest taken at disbursal leave {net_disbursed} to disburse")
    paid = [flow for flow in flows if flow.amount > 0]
    if sum(flow.amount for flow in paid) < net_disbursed * (1 - NOISE):
        raise LoanRefused("terms", f"less is repaid than the {net_disbursed} disbursed")
    distance, counts = _counted([flow.at for flow in paid])
    amounts = [flow.amount for flow in paid]
    force = _force_of_interest(float(net_disbursed), amounts, counts)
    with localcontext(EXACT):
        factor = _discount_factor(net_disbursed, amounts, counts, (-Decimal(force)).exp())
        periods = Decimal(distance.denominator) / Decimal(distance.numerator)
        return factor ** (-int(periods) if distance.numerator == 1 else -periods) - 1


def _counted(times: Sequence[Fraction]) -> tuple[Fraction, list[int]]:
    """The longest span of which every time is a whole multiple, and those multiples."""
    over = lcm(*(at.denominator for at in times))
    counts = [at.numerator * (over // at.denominator) for at in times]
    span = gcd(*counts)
    return Fraction(span, over), [count // span for count in counts]


def _force_of_interest(net_disbursed: float, amounts: Sequence[Decimal], counts: Sequence[int]) -> float:
    """x with sum(amount x e^(-x count)) = net disbursed, in float64.

    The sum is convex and falls in x, so Newton's steps from zero approach the root from one side and cannot leave it.
    """
    weights = np.array([float(amount) / net_disbursed for amount in amounts])
    times = np.array(counts, dtype=np.float64)
    force = 0.0
    for _ in range(FLOAT_STEPS):
        worth = weights * np.exp(-force * times)
        step = float((worth.sum() - 1.0) / (worth * times).sum())
        force += step
        if abs(step) <= 1e-12 * abs(force) + 1e-18:
            break
    return force


def _discount_factor(
    net_disbursed: Decimal, amounts: Sequence[Decimal], counts: Sequence[int], factor: Decimal
) -> Decimal:
    """w with sum(amount x w^count) = net disbursed; factor: an approximation of it. Each step doubles its digits."""
    order = sorted(range(len(counts)), key=counts.__getitem__, reverse=True)
    gaps = [counts[k] - counts[after] for k, after in pairwise(order)] + [counts[order[-1]]]
    for _ in range(EXACT_STEPS):
        powers = {gap: factor**gap for gap in set(gaps)}
        slopes = {gap: gap * (power / factor) for gap, power in powers.items()}
        worth = slope = Decimal(0)
        for k, gap in zip(order, gaps, strict=True):
            worth += amounts[k]
            slope = slope * powers[gap] + worth * slopes[gap]
            worth *= powers[gap]
        step = (net_disbursed - worth) / slope
        factor += step
        if abs(step) < factor * ENOUGH:
            break
    return factor
