"""Identifiers against published test values and their own definitions."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.kernels import identifiers

# Public test values: DOMAIN ID-02 and ID-03.
AADHAAR, NOT_AADHAAR = "234123412346", "123412341234"
GSTIN, NOT_GSTIN = "27AAPFU0939F1ZV", "27AAPFU0939F1ZW"


def test_published_values_are_told_apart() -> None:
    assert identifiers.is_aadhaar(AADHAAR)
    assert not identifiers.is_aadhaar(NOT_AADHAAR)
    assert identifiers.is_gstin(GSTIN)
    assert not identifiers.is_gstin(NOT_GSTIN)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (identifiers.is_pan, "ABCPE1234F", ("abcpe1234f", "ABCDE1234F", "ABCPE12345", "ABCPE1234F\n", "")),
        (identifiers.is_mobile, "9876501234", ("5876501234", "987650123", "98765012345", "+919876501234")),
        (identifiers.is_ifsc, "HDFC0001234", ("HDFC1001234", "HDF00001234", "hdfc0001234")),
        (identifiers.is_account_number, "501002345", ("50100234", "5010023456789012345", "50100-2345")),
    ],
)
def test_shape_decides(check, good: str, bad: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert check(good)
    assert [text for text in bad if check(text)] == []


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=18), st.data())
def test_verhoeff_sees_every_single_wrong_digit(digits: str, data: st.DataObject) -> None:
    number = digits + identifiers.verhoeff_check_digit(digits)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    wrong = number[:place] + other + number[place + 1 :]
    assert identifiers.verhoeff_check_digit(wrong[:-1]) != wrong[-1]


@settings(deadline=None)
@given(st.lists(st.none() | st.from_regex(r"\A[2-9][0-9]{11}\Z") | st.text(max_size=13), max_size=20))
def test_whole_columns_agree_with_single_values(numbers: list[str | None]) -> None:
    column = identifiers.are_aadhaar(pl.Series("aadhaar", numbers, dtype=pl.String))
    assert column.to_list() == [None if n is None else identifiers.is_aadhaar(n) for n in numbers]


def test_gstin_column_agrees_with_single_values() -> None:
    column = identifiers.are_gstin(pl.Series("gstin", [GSTIN, NOT_GSTIN, None]))
    assert column.to_list() == [True, False, None]
