"""The hash of a row's business columns: equal rows have equal hashes, on every run, machine and library version.

Belongs here: one definition of 64 bits a row, whole columns at a time. Does not: which rows are compared (landing.py).

Definition: the sum, modulo 2**64, over the columns that are not null, of mix(value ^ seed(column name)); a text is
first folded from its UTF-8 bytes in 8-byte words. So neither the order of columns nor a new column that is null changes
the hash. Hashes are only compared between rows of one key, where 64 bits leave no room for accidents. DuckDB's and
polars' own hashes promise nothing across versions; MD5 of concatenated text took four times as long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Words = NDArray[np.uint64]

# Rows hashed at once. NumPy lets go of the interpreter's lock while it computes, so blocks run side by side.
BLOCK = 1 << 16
THREADS = 2

# splitmix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit of the result.
_ADD = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLY_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLY_2 = np.uint64(0x94D049BB133111EB)


def row_hashes(frame: pl.DataFrame, columns: Iterable[str]) -> pl.Series:
    """The hash of each row over the columns, as 16 hexadecimal digits; stored types only (text, decimal, int, …)."""
    names = list(columns)
    parts = [frame.select(names).slice(start, BLOCK) for start in range(0, frame.height, BLOCK)]
    if len(parts) == 1:
        return _hexadecimal(_block_hashes(parts[0])).alias("row_hash")
    with ThreadPoolExecutor(THREADS) as threads:
        blocks = list(threads.map(_block_hashes, parts))
    return _hexadecimal(np.concatenate([np.zeros(0, dtype=np.uint64), *blocks])).alias("row_hash")


def _block_hashes(block: pl.DataFrame) -> Words:
    total = np.zeros(block.height, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in block:
            total += _column_hashes(column, _seed(column.name))
    return total


@cache
def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


def _mix(words: Words) -> Words:
    mixed = words + _ADD
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MULTIPLY_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MULTIPLY_2
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _column_hashes(column: pl.Series, seed: np.uint64) -> Words:
    nulls = column.null_count()
    if nulls == len(column):
        return np.zeros(len(column), dtype=np.uint64)
    if len(column) > 1 and not nulls and bool((column == column[0]).all()):
        return np.broadcast_to(_mix(_words(column.head(1)) ^ seed), len(column))
    hashed = _mix(_words(column) ^ seed)
    return np.where(column.is_null().to_numpy(), np.uint64(0), hashed) if nulls else hashed


def _words(column: pl.Series) -> Words:
    """One 64-bit word a value; the word of a null means nothing."""
    dtype = column.dtype
    if dtype == pl.String:
        return _text_words(column)
    if isinstance(dtype, pl.Decimal):
        # The unscaled number: 4707.35 is 470735. The scale is the contract's and does not change.
        halves = np.frombuffer(_buffer(column.to_arrow(), 1), dtype=np.uint64).reshape(-1, 2)
        start = column.to_arrow().offset
        return np.ascontiguousarray(halves[start : start + len(column), 0])
    if dtype == pl.Float64:
        return column.fill_null(0.0).to_numpy().view(np.uint64)
    return column.to_physical().cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64)


def _text_words(column: pl.Series) -> Words:
    array = pa.concat_arrays([column.rechunk().to_arrow().cast(pa.large_string())])
    offsets = np.frombuffer(_buffer(array, 1), dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(_buffer(array, 2), dtype=np.uint8)
    text = np.concatenate([text[: offsets[-1]], np.zeros(8, dtype=np.uint8)])
    # Every position of the text as the 8 bytes that begin there, without copying.
    windows = np.lib.stride_tricks.as_strided(text.view(), shape=(len(text) - 7, 8), strides=(1, 1))
    starts, lengths = offsets[:-1], np.diff(offsets)
    folded = _mix(lengths.astype(np.uint64))
    for done in range(0, int(lengths.max(initial=0)), 8):
        rows = np.flatnonzero(lengths > done) if done else np.arange(len(lengths))[lengths > 0]
        word = windows[starts[rows] + done].copy().view("<u8").ravel()
        kept = np.minimum(lengths[rows] - done, 8).astype(np.uint64)
        word &= ~np.uint64(0) >> (np.uint64(64) - kept * np.uint64(8))
        folded[rows] = _mix(folded[rows] ^ word)
    return folded


def _buffer(array: pa.Array, index: int) -> bytes | pa.Buffer:
    buffer = array.buffers()[index]
    return b"" if buffer is None else buffer


_HEX = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2").view(np.uint16)


def _hexadecimal(words: Words) -> pl.Series:
    digits = _HEX[words.astype(">u8").view(np.uint8)].reshape(-1, 8)
    offsets = np.arange(0, 16 * len(words) + 1, 16, dtype=np.int64)
    array = pa.LargeStringArray.from_buffers(
        len(words), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(digits))
    )
    return pl.Series(array)
