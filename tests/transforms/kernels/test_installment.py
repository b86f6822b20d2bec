"""The equal installment: whatever float64 claims to have proved is what whole numbers say."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from tests.transforms.kernels.reference import ceiling, half_up, present_value_of_one
from transforms.kernels.columns import STEP
from transforms.kernels.installment import UNPROVED, exact, proved
from transforms.kernels.money import Mode
from transforms.kernels.state import ASK, GROWTH

NO_STEPS = np.zeros(0, STEP)
FAR_STEP = np.array([(10**6, 1, 0)], STEP)  # never reached: the way of steps, with none taken
Asked = tuple[np.ndarray, np.ndarray]


@njit
def _proved(asks, growths, unit, mode):  # type: ignore[no-untyped-def]
    return proved(asks[0], growths, unit, mode)


def asked(
    principal: int, numerator: int, denominator: int, n: int, grows_first: bool = True, balloon: int = 0
) -> Asked:
    """A balance paid off by n rows, of which each (or each but the first) grows it alike."""
    growths = np.zeros(n, GROWTH)
    growths["numerator"], growths["denominator"] = numerator, denominator
    ask = np.zeros(1, ASK)
    ask["whole"], ask["of"], ask["rows"], ask["grows_first"], ask["balloon"] = principal, 1, n, grows_first, balloon
    return ask, growths


def proved_of(asked_for: Asked, unit: int, mode: Mode) -> int:
    return int(_proved(*asked_for, unit, int(mode)))


def exact_of(asked_for: Asked, unit: int, mode: Mode) -> int:
    return exact(asked_for[0][0], asked_for[1], NO_STEPS, unit, mode)


def test_exact_installment_is_the_discounted_sum() -> None:
    worth = Fraction(10_000_000) / present_value_of_one(Fraction(12, 1200), 12)
    lakh = asked(10_000_000, 1, 100, 12)
    assert exact_of(lakh, 100, Mode.UP) == ceiling(worth, 100) == 888_500
    assert exact_of(lakh, 1, Mode.HALF_UP) == half_up(worth, 1) == 888_488


periods = st.tuples(
    st.integers(1, 10**13),
    st.integers(0, 5_000_000),
    st.sampled_from([12_000_000, 365_000_000, 1_000_000, 4_000_000]),
    st.integers(1, 1200),
    st.booleans(),
)


@given(periods, st.sampled_from([1, 100]), st.sampled_from(list(Mode)))
def test_a_proved_installment_is_the_exact_one(period: tuple[int, int, int, int, bool], unit: int, mode: Mode) -> None:
    found = proved_of(asked(*period), unit, mode)
    assert found in (UNPROVED, exact_of(asked(*period), unit, mode))


@given(periods, st.integers(0, 10**9), st.sampled_from(list(Mode)))
def test_equal_periods_in_closed_form_are_those_row_by_row(
    period: tuple[int, int, int, int, bool], balloon: int, mode: Mode
) -> None:
    principal, numerator, denominator, n, grows_first = period
    ask, growths = asked(principal, numerator, denominator, min(n, 60), grows_first, min(balloon, principal))
    assert exact(ask[0], growths, NO_STEPS, 1, mode) == exact(ask[0], growths, FAR_STEP, 1, mode)


@pytest.mark.parametrize("paise_above", [-1, 0, 1])
def test_what_lies_on_a_boundary_is_left_to_whole_numbers(paise_above: int) -> None:
    """One installment at 100 % a period is twice the principal: a whole rupee exactly, or a paisa beside it."""
    beside, on_it = asked(10**13 + 50 * paise_above, 1, 1, 1), asked(10**13, 1, 1, 1)
    assert proved_of(beside, 100, Mode.UP) in (UNPROVED, exact_of(beside, 100, Mode.UP))
    assert proved_of(on_it, 100, Mode.UP) == UNPROVED


def test_ordinary_loans_are_proved_in_float() -> None:
    random = np.random.default_rng(3)
    loans = 5_000
    principal, rate = random.integers(10**6, 10**9, loans).tolist(), random.integers(50_000, 400_000, loans).tolist()
    counts = random.integers(3, 361, loans).tolist()
    ordinary = (asked(p, r, 12_000_000, n) for p, r, n in zip(principal, rate, counts, strict=True))
    assert sum(proved_of(one, 100, Mode.UP) == UNPROVED for one in ordinary) <= 1
