"""A portfolio for measuring the loan engine: terms and payments of any number of loans, made bucket by bucket.

Belongs here: numbers that look like a retail book. Does not: files of a simulated lender (ingestion/simulator).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BUCKET_LOANS = 32_000
EVENTS_A_LOAN = 20
EPOCH = date(1970, 1, 1).toordinal()
START = date(2023, 1, 1).toordinal() - EPOCH
AS_OF = date(2024, 10, 31)
TENORS = (12, 24, 36, 48, 60)
# How late payments come, in days: most on the due date, some within the grace, some in the next bucket.
LATE_DAYS = (0, 0, 0, 0, 0, 0, 1, 3, 10, 35)


def buckets(loans: int, seed: int = 7) -> Iterator[pa.Table]:
    """Terms of so many loans, in tables of BUCKET_LOANS; the same seed gives the same loans."""
    for place, first in enumerate(range(0, loans, BUCKET_LOANS)):
        yield terms(min(BUCKET_LOANS, loans - first), np.random.default_rng((seed, place)))


def terms(loans: int, chance: np.random.Generator) -> pa.Table:
    """Reducing monthly loans of Rs 10,000 to 10 lakh over 1 to 5 years, with penal charges."""
    return pa.table(
        {
            "principal": _money(chance.integers(10_000, 1_000_000, loans) * 100),
            "disbursed_on": _days(START + chance.integers(0, 28, loans)),
            "annual_rate": _rate(chance.integers(80, 300, loans) * 1_000),
            "installments": chance.choice(TENORS, loans),
            "penal_annual_rate": _rate(np.full(loans, 240_000)),
            "penal_grace_days": np.full(loans, 3),
        }
    )


def payments(book: pa.Table, installment: NDArray[np.int64], chance: np.random.Generator) -> pa.Table:
    """EVENTS_A_LOAN payments a loan, sorted: the installment near each due date; one in twenty pays half, one in fifty
    prepays as much again."""
    loans = len(book)
    opened = book["disbursed_on"].combine_chunks().view(pa.int32()).to_numpy() - START
    months = np.array(
        [date(2023 + (2 + k - 1) // 12, (2 + k - 1) % 12 + 1, 1).toordinal() for k in range(EVENTS_A_LOAN)]
    )
    on = months[None, :] - EPOCH + opened[:, None] + chance.choice(LATE_DAYS, (loans, EVENTS_A_LOAN))
    on.sort(axis=1)
    amount = np.repeat(installment[:, None], EVENTS_A_LOAN, axis=1)
    amount = np.where(chance.random(amount.shape) < 0.05, amount // 2, amount)
    is_prepayment = chance.random(amount.shape) < 0.02
    kinds = pa.DictionaryArray.from_arrays(
        pa.array(is_prepayment.reshape(-1).astype(np.int8)), pa.array(["payment", "prepayment"])
    )
    return pa.table(
        {
            "loan_at": np.repeat(np.arange(loans, dtype=np.int32), EVENTS_A_LOAN),
            "event_type_code": kinds,
            "value_on": _days(on.reshape(-1)),
            "amount": _money(amount.reshape(-1)),
        }
    )


def _money(hundredths: NDArray[np.int64]) -> pa.Array:
    return pa.array(hundredths.astype(np.int64)).view(pa.decimal64(18, 2))


def _rate(millionths: NDArray[np.int64]) -> pa.Array:
    return pa.array(millionths.astype(np.int64)).view(pa.decimal64(18, 6))


def _days(numbers: NDArray[np.int64]) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).view(pa.date32())
