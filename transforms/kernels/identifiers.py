"""Whether an Indian identifier is well formed: PAN, Aadhaar, GSTIN, IFSC, mobile and bank account number.

Belongs here: shapes and check digits (DOMAIN ID-01..ID-04). Does not: masking or tokens (ingestion/masking.py), and
whether the number was ever issued to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

PAN_PATTERN = r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]"
AADHAAR_PATTERN = r"[2-9][0-9]{11}"
GSTIN_PATTERN = rf"(?:0[1-9]|[12][0-9]|3[0-8]|97|99){PAN_PATTERN}[1-9A-Z]Z[0-9A-Z]"
IFSC_PATTERN = r"[A-Z]{4}0[A-Z0-9]{6}"
MOBILE_PATTERN = r"[6-9][0-9]{9}"
# Indian banks use 9 to 18 digits (the same bounds as the member bank form of DOMAIN part 6).
ACCOUNT_PATTERN = r"[0-9]{9,18}"

_GSTIN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Verhoeff: multiplication in the dihedral group D5, and the permutation applied to the i-th digit from the right.
_D5_ROWS = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_D5 = np.array([[int(digit) for digit in row] for row in _D5_ROWS], dtype=np.uint8)


def _permutations() -> NDArray[np.uint8]:
    first = np.array([1, 5, 7, 6, 2, 8, 3, 0, 9, 4], dtype=np.uint8)
    rows = [np.arange(10, dtype=np.uint8)]
    for _ in range(7):
        rows.append(first[rows[-1]] if len(rows) == 1 else rows[-1][first])
    return np.stack(rows)


_PERMUTED = _permutations()


def verhoeff_remainders(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The Verhoeff checksum of each row of digits (shape numbers x digits, most significant first); 0 is valid."""
    checksum = np.zeros(len(digits), dtype=np.uint8)
    for place in range(digits.shape[1]):
        checksum = _D5[checksum, _PERMUTED[place % 8, digits[:, digits.shape[1] - 1 - place]]]
    return checksum


def verhoeff_check_digit(digits: str) -> str:
    """The digit that, appended to digits, makes their Verhoeff checksum zero."""
    open_number = np.array([[int(digit) for digit in digits + "0"]], dtype=np.uint8)
    remainder = int(verhoeff_remainders(open_number)[0])
    return str(int(np.flatnonzero(_D5[remainder] == 0)[0]))


def gstin_check_character(first_14: str) -> str:
    """The fifteenth character of a GSTIN. Source: DOMAIN ID-03 (weights 1 and 2 alternate, digits of base 36 added)."""
    total = 0
    for position, character in enumerate(first_14):
        product = _GSTIN_ALPHABET.index(character) * (1 if position % 2 == 0 else 2)
        total += product // 36 + product % 36
    return _GSTIN_ALPHABET[(36 - total % 36) % 36]


def is_pan(text: str) -> bool:
    """ID-01: five letters (the fourth the kind of holder), four digits, a letter; upper case only."""
    return re.fullmatch(PAN_PATTERN, text) is not None


def is_aadhaar(text: str) -> bool:
    """ID-02: twelve digits, the first 2 to 9, Verhoeff checksum zero."""
    if re.fullmatch(AADHAAR_PATTERN, text) is None:
        return False
    return verhoeff_check_digit(text[:-1]) == text[-1]


def is_gstin(text: str) -> bool:
    """ID-03: state, PAN, entity, Z and a check character."""
    return re.fullmatch(GSTIN_PATTERN, text) is not None and gstin_check_character(text[:14]) == text[14]


def is_ifsc(text: str) -> bool:
    """ID-04: bank, a zero, branch."""
    return re.fullmatch(IFSC_PATTERN, text) is not None


def is_mobile(text: str) -> bool:
    """ID-04: ten digits, the first 6 to 9; no country code."""
    return re.fullmatch(MOBILE_PATTERN, text) is not None


def is_account_number(text: str) -> bool:
    """Nine to eighteen digits; banks have no common check digit."""
    return re.fullmatch(ACCOUNT_PATTERN, text) is not None


def _matches(pattern: str) -> Callable[[pl.Series], pl.Series]:
    whole = rf"\A(?:{pattern})\z"
    return lambda numbers: numbers.str.contains(whole)


def are_aadhaar(numbers: pl.Series) -> pl.Series:
    """ID-02 on a column of text; null stays null."""
    shaped = numbers.str.contains(rf"\A(?:{AADHAAR_PATTERN})\z")
    candidates = numbers.filter(shaped.fill_null(False))
    if candidates.is_empty():
        return shaped
    letters = np.frombuffer("".join(candidates.to_list()).encode("ascii"), dtype=np.uint8)
    valid = verhoeff_remainders((letters - ord("0")).reshape(-1, 12)) == 0
    result = shaped.to_numpy(allow_copy=True).astype(object)
    result[shaped.fill_null(False).to_numpy()] = valid
    return pl.Series(numbers.name, result.tolist(), dtype=pl.Boolean)


def are_gstin(numbers: pl.Series) -> pl.Series:
    """ID-03 on a column of text; null stays null."""
    return pl.Series(
        numbers.name, [None if text is None else is_gstin(text) for text in numbers.to_list()], dtype=pl.Boolean
    )


are_pan = _matches(PAN_PATTERN)
are_ifsc = _matches(IFSC_PATTERN)
are_mobile = _matches(MOBILE_PATTERN)
are_account_numbers = _matches(ACCOUNT_PATTERN)
