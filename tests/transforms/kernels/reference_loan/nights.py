"""Interest of nights, added up exactly.

Belongs here: the sum. Does not: which balance, rate and part of a year a night bears.
"""

from __future__ import annotations

from fractions import Fraction

ZERO = Fraction(0)


class Nights:
    """The exact sum of balance x rate x part of a year over nights; equal nights in a row are counted, not added."""

    def __init__(self, before: Fraction = ZERO) -> None:
        self._before = before
        self._each = (ZERO, ZERO, ZERO)
        self._count = 0

    def add(self, balance: Fraction, rate: Fraction, fraction: Fraction) -> None:
        """One night more."""
        if (balance, rate, fraction) != self._each:
            self._before, self._each, self._count = self.total, (balance, rate, fraction), 0
        self._count += 1

    @property
    def total(self) -> Fraction:
        balance, rate, fraction = self._each
        return self._before + balance * rate * fraction * self._count

    def copy(self) -> Nights:
        twin = Nights(self._before)
        twin._each, twin._count = self._each, self._count
        return twin
