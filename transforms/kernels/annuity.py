"""The equal installment of a reducing-balance loan, rounded as if computed with infinite precision.

Belongs here: the annuity formula (CV-01) and the proof of its rounding. Does not: the rows of a schedule (schedule.py).

How the rounding is proved. P·i·q / (q - 1) with q = (1 + i)^n is evaluated in float64 with basic operations only, each
of which errs by at most u = 2^-53 of its result. Counting them, binary powers included, q errs by at most 3nu, q - 1 by
3nu·q/(q - 1) + u, and the installment by (3n + 6 + 3n·q/(q - 1))·u; twice that is taken, which covers the products of
errors. When the nearest rounding boundary is farther away than this, the rounded float is the rounded exact value. When
it is not (one loan in millions; every loan of thousands of crores), the loan is computed again in whole numbers.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numba import njit

from transforms.kernels.money import Mode, rounded_fraction, rounded_quotient

UNIT_ROUNDOFF = 2.0**-53
FLOAT_EXACT = 2.0**53
UNPROVED = -1


def installment_exact(principal: int, numerator: int, denominator: int, n: int, unit: int, mode: Mode) -> int:
    """The equal installment in hundredths, a whole multiple of unit, at any size; the interest of one period is
    numerator / denominator."""
    if numerator == 0:
        return rounded_fraction(Fraction(principal, n), unit, mode)
    grown, still = (denominator + numerator) ** n, denominator**n
    exact = Fraction(principal * numerator * grown, denominator * (grown - still))
    return rounded_fraction(exact, unit, mode)


@njit(nogil=True, cache=True)
def installments_proved(principal, numerator, denominator, n, unit, mode, out):  # type: ignore[no-untyped-def]
    """installment_exact of many loans into out; UNPROVED where float64 cannot prove the rounding. All int64 arrays."""
    for loan in range(len(principal)):
        if numerator[loan] == 0:
            out[loan] = rounded_quotient(principal[loan], n[loan], unit[loan], mode[loan])
        else:
            out[loan] = _proved(principal[loan], numerator[loan], denominator[loan], n[loan], unit[loan], mode[loan])


@njit(nogil=True, cache=True)
def _proved(principal, numerator, denominator, n, unit, mode):  # type: ignore[no-untyped-def]
    rate = np.float64(numerator) / np.float64(denominator)
    grown = _power(1.0 + rate, n)
    gain = grown - 1.0
    if gain <= 0.0 or not np.isfinite(grown) or np.float64(principal) >= FLOAT_EXACT:
        return UNPROVED
    steps = np.float64(principal) * rate * grown / gain / np.float64(unit)
    error = 2.0 * UNIT_ROUNDOFF * (3.0 * n + 8.0 + 3.0 * n * grown / gain)
    # gain itself may be mostly error when the rate is tiny; the bound then says so
    if error > 1e-3 or steps >= FLOAT_EXACT / 4.0:
        return UNPROVED
    below = np.floor(steps)
    part = steps - below
    boundary = abs(part - 0.5) if mode < Mode.UP else min(part, 1.0 - part)
    if boundary <= steps * error:
        return UNPROVED
    carry = part > 0.5 if mode < Mode.UP else mode == Mode.UP
    return (np.int64(below) + carry) * unit


@njit(nogil=True, cache=True)
def _power(base, exponent):  # type: ignore[no-untyped-def]
    """base ** exponent by squaring: basic operations only, at most exponent - 1 roundings in effect."""
    result = 1.0
    while exponent > 0:
        if exponent & 1:
            result *= base
        exponent >>= 1
        if exponent > 0:
            base *= base
    return result
