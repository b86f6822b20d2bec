"""Rounding: halves, signs, units, and that no float comes near it."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.kernels.money import (
    CEIL_RUPEE,
    NEAREST_RUPEE,
    PAISE,
    Mode,
    Rounding,
    hundredths,
    rounded,
    rounded_fraction,
    rounded_quotient,
)


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        ("0.005", PAISE, "0.01"),
        ("0.0049999999999999999999", PAISE, "0.00"),
        ("-0.005", PAISE, "-0.01"),
        ("0.025", Rounding(Decimal("0.01"), Mode.HALF_EVEN), "0.02"),
        ("0.035", Rounding(Decimal("0.01"), Mode.HALF_EVEN), "0.04"),
        ("0.0251", Rounding(Decimal("0.01"), Mode.HALF_EVEN), "0.03"),
        ("8884.01", CEIL_RUPEE, "8885.00"),
        ("8884.00", CEIL_RUPEE, "8884.00"),
        ("8884.50", NEAREST_RUPEE, "8885.00"),
        ("8884.99", Rounding(Decimal(1), Mode.DOWN), "8884.00"),
        ("-8884.99", Rounding(Decimal(5), Mode.UP), "-8885.00"),
        ("2.675", PAISE, "2.68"),  # 2.67 when it has been a float
    ],
)
def test_rounding_by_mode_and_unit(amount: str, rounding: Rounding, expected: str) -> None:
    assert rounded(Decimal(amount), rounding) == Decimal(expected)
    assert rounded(Decimal(amount), rounding).as_tuple().exponent == -2


def test_a_third_is_rounded_exactly() -> None:
    assert rounded(Fraction(100, 3), PAISE) == Decimal("33.33")
    assert rounded(Fraction(200, 3), PAISE) == Decimal("66.67")


@pytest.mark.parametrize("unit", ["0", "-1", "0.001", "0.015"])
def test_a_unit_that_is_no_money_is_refused(unit: str) -> None:
    with pytest.raises(ValueError, match="rounding unit"):
        Rounding(Decimal(unit), Mode.UP)


def test_more_than_two_decimals_are_no_money() -> None:
    with pytest.raises(ValueError, match="two decimals"):
        hundredths(Decimal("1.001"))


@given(
    st.integers(0, 10**15),
    st.integers(1, 10**5),
    st.sampled_from([1, 5, 100]),
    st.sampled_from(list(Mode)),
)
def test_compiled_quotient_equals_exact_fraction(numerator: int, denominator: int, unit: int, mode: Mode) -> None:
    exact = rounded_fraction(Fraction(numerator, denominator), unit, mode)
    assert rounded_quotient(numerator, denominator, unit, int(mode)) == exact
