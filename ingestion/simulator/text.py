"""Columns of text made without a loop over rows: numbers, codes and identifiers of fixed width.

Belongs here: turning integers into characters, and characters into Arrow columns. Does not: which identifier a loan
gets (originations.py, cashflows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.kernels.identifiers import verhoeff_remainders

Characters = NDArray[np.uint8]
"""Text of one width: one row a text, one column a character (ASCII)."""

_ZERO = np.uint8(ord("0"))
_A = np.uint8(ord("A"))
# In the dihedral group D5 the rotations 1..4 undo each other in pairs and a reflection undoes itself.
_INVERSE = np.array([0, 4, 3, 2, 1, 5, 6, 7, 8, 9], dtype=np.uint8)


def in_base(values: NDArray[np.int64], base: int, width: int) -> Characters:
    """The digits of each value, most significant first, as numbers 0..base-1; shape values x width."""
    rest = values.copy()
    found = np.empty((len(values), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, base)
        found[:, place] = digit
    return found


def digits(values: NDArray[np.int64], width: int) -> Characters:
    """Each value as decimal text with leading zeros."""
    return in_base(values, 10, width) + _ZERO


def joined(*parts: Characters | str, rows: int) -> Characters:
    """The parts side by side; a str is the same in every row."""
    whole = []
    for part in parts:
        if isinstance(part, str):
            letters = np.frombuffer(part.encode("ascii"), dtype=np.uint8)
            whole.append(np.broadcast_to(letters, (rows, len(letters))))
        else:
            whole.append(part)
    return np.concatenate(whole, axis=1)


def numbers(values: NDArray[np.integer], kind: pa.DataType, is_null: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column over the same bytes, which must be those of its type; pa.array would look for pandas first."""
    given = None if is_null is None else pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [given, pa.py_buffer(np.ascontiguousarray(values))])


def as_arrow(text: Characters) -> pa.StringArray:
    """A string column over the same bytes."""
    rows, width = text.shape
    offsets = np.arange(0, rows + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))


def coded(
    indices: NDArray[np.integer], values: Sequence[str] | pa.Array, is_null: NDArray[np.bool_] | None = None
) -> pa.DictionaryArray:
    """A string column that repeats a few values; written to a file as plain text."""
    dictionary = values if isinstance(values, pa.Array) else pa.array(list(values), pa.string())
    return pa.DictionaryArray.from_arrays(numbers(indices.astype(np.int32), pa.int32(), is_null), dictionary)


def scattered(numbers: NDArray[np.int64], size: int, key: int) -> NDArray[np.int64]:
    """A different number below size for each of the numbers, looking unordered.

    numbers: below 2**31, so that the product stays inside int64. Multiplying by a constant that shares no factor with
    size visits every value once, so no two are equal.
    """
    multiplier = 2_654_435_761
    while gcd(multiplier, size) != 1:
        multiplier += 1
    return (numbers * multiplier + key % size) % size


def pans(numbers: NDArray[np.int64], key: int) -> Characters:
    """A different PAN of a person (fourth letter P) for each number (ID-01)."""
    rows = len(numbers)
    place = scattered(numbers, 26**5 * 10**4, key)
    letters, serial = np.divmod(place, 10**4)
    alphabet = in_base(letters, 26, 5) + _A
    return joined(alphabet[:, :3], "P", alphabet[:, 3:4], digits(serial, 4), alphabet[:, 4:], rows=rows)


def aadhaars(numbers: NDArray[np.int64], key: int) -> Characters:
    """A different well-formed Aadhaar (first digit 2 to 9, Verhoeff check digit) for each number (ID-02)."""
    open_numbers = in_base(scattered(numbers, 8 * 10**10, key) + 2 * 10**10, 10, 11)
    with_zero = np.concatenate([open_numbers, np.zeros((len(numbers), 1), np.uint8)], axis=1)
    with_zero[:, 11] = _INVERSE[verhoeff_remainders(with_zero)]
    return with_zero + _ZERO


def mobiles(numbers: NDArray[np.int64], key: int) -> Characters:
    """A different mobile number, ten digits from 6 to 9, for each number (ID-04)."""
    return digits(scattered(numbers, 4 * 10**9, key) + 6 * 10**9, 10)


def account_numbers(numbers: NDArray[np.int64], key: int) -> Characters:
    """A different account number of 12 digits for each number."""
    return digits(scattered(numbers, 9 * 10**11, key) + 10**11, 12)
