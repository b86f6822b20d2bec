"""The equal installment: whatever float64 claims to have proved is what whole numbers say."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.kernels.reference import ceiling, half_up, present_value_of_one
from transforms.kernels.annuity import UNPROVED, installment_exact, installments_proved
from transforms.kernels.money import Mode


def proved(principal: int, numerator: int, denominator: int, n: int, unit: int, mode: Mode) -> int:
    out = np.empty(1, np.int64)
    installments_proved(*(np.array([x], np.int64) for x in (principal, numerator, denominator, n, unit, mode)), out)
    return int(out[0])


def test_exact_installment_is_the_discounted_sum() -> None:
    rate = Fraction(12, 1200)
    exact = Fraction(10_000_000) / present_value_of_one(rate, 12)
    assert installment_exact(10_000_000, 1, 100, 12, 100, Mode.UP) == ceiling(exact, 100) == 888_500
    assert installment_exact(10_000_000, 1, 100, 12, 1, Mode.HALF_UP) == half_up(exact, 1) == 888_488


@given(
    st.integers(1, 10**13),
    st.integers(1, 5_000_000),
    st.sampled_from([12_000_000, 365_000_000, 1_000_000, 4_000_000]),
    st.integers(1, 1200),
    st.sampled_from([1, 100]),
    st.sampled_from(list(Mode)),
)
def test_a_proved_installment_is_the_exact_one(
    principal: int, numerator: int, denominator: int, n: int, unit: int, mode: Mode
) -> None:
    found = proved(principal, numerator, denominator, n, unit, mode)
    assert found in (UNPROVED, installment_exact(principal, numerator, denominator, n, unit, mode))


@pytest.mark.parametrize("paise_above", [-1, 0, 1])
def test_what_lies_on_a_boundary_is_left_to_whole_numbers(paise_above: int) -> None:
    """One installment at 100 % a period is twice the principal: a whole rupee exactly, or a paisa beside it."""
    principal = 10**13 + 50 * paise_above
    assert proved(principal, 1, 1, 1, 100, Mode.UP) in (UNPROVED, installment_exact(principal, 1, 1, 1, 100, Mode.UP))
    assert proved(10**13, 1, 1, 1, 100, Mode.UP) == UNPROVED


def test_ordinary_loans_are_proved_in_float() -> None:
    random = np.random.default_rng(3)
    loans = 20_000
    principal, rate = random.integers(10**6, 10**9, loans), random.integers(50_000, 400_000, loans)
    n, same = random.integers(3, 361, loans), np.ones(loans, np.int64)
    out = np.empty(loans, np.int64)
    installments_proved(principal, rate, 12_000_000 * same, n, 100 * same, int(Mode.UP) * same, out)
    assert np.count_nonzero(out == UNPROVED) <= 2
