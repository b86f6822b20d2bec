"""Schedules of whole books, row for row against a recursive query that shares no code with the engine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from orchestration.bench.loans import rows_that_an_oracle_disputes
from orchestration.bench.schedule_oracle import portfolio, rows_that_differ
from transforms.kernels.book import schedule_batches, schedule_buffers
from transforms.kernels.book_tables import book_from
from transforms.kernels.state import END

LOANS = 2_000


def test_no_row_differs() -> None:
    assert rows_that_an_oracle_disputes(LOANS, 20_000) == 0


@pytest.mark.slow
def test_no_row_of_a_hundred_thousand_loans_differs() -> None:
    assert rows_that_an_oracle_disputes(100_000, 1_000_000) == 0


def one_paisa_more(batch: pa.RecordBatch) -> pa.RecordBatch:
    interest = batch["interest"].view(pa.int64()).to_numpy().copy()
    interest[len(interest) // 2] += 1
    place = batch.schema.get_field_index("interest")
    return batch.set_column(place, batch.schema.field(place), pa.array(interest).view(pa.decimal64(18, 2)))


def test_the_oracle_counts_what_is_wrong_missing_or_too_many() -> None:
    terms, ends = portfolio(50), np.zeros(50, END)
    (batch,) = schedule_batches(book_from(terms), ends, schedule_buffers(100_000))

    def found(*batches: pa.RecordBatch) -> int:
        return rows_that_differ(terms, ends["installment"], iter(batches))

    is_last = pc.equal(batch["loan_at"], 49)
    rows_of_last = pc.sum(is_last).as_py()
    assert found(batch) == 0
    assert found(one_paisa_more(batch)) == 1
    assert found(batch.slice(1)) == 1
    assert found(batch.filter(pc.invert(is_last))) == rows_of_last
    assert found() == len(batch)


def test_an_installment_of_another_loan_is_noticed() -> None:
    terms, ends = portfolio(50), np.zeros(50, END)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from schedule_batches(book_from(terms), ends, schedule_buffers(100_000))
        ends["installment"][10] += 1

    (batch,) = list(batches())
    assert rows_that_differ(terms, ends["installment"], iter([batch])) > 0
