"""An oracle for equal-installment schedules: a recursive query over whole numbers, sharing no code with the engine.

Belongs here: what every row of a monthly reducing-balance loan must be, and a portfolio to ask about. Does not: how the
installment itself is priced (it is given), nor any other kind of loan.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

EPOCH_2020 = 18_262  # 2020-01-01 in days since 1970-01-01
# Interest is the opening balance x millionths / 12 millions, half up; the last row, or one that the installment covers,
# takes what is left. A due date is counted from the disbursal, so short months clamp and later ones return.
ROWS_THAT_DIFFER = """
with recursive due as (
    select loan_at, 1 as number, installments, rate, installment, principal as opening,
           (2 * principal * rate + 12000000) // 24000000 as interest, disbursed_on
    from terms
    union all
    select loan_at, number + 1, installments, rate, installment, closing,
           (2 * closing * rate + 12000000) // 24000000, disbursed_on
    from (select *, opening - case when number = installments then opening
                                   else least(greatest(installment - interest, 0), opening) end as closing from due)
    where closing > 0
),
closed as (
    select *, case when number = installments then opening
                   else least(greatest(installment - interest, 0), opening) end as principal from due
),
expected as (
    select loan_at, number, cast(disbursed_on + to_months(number) as date) as due_on, principal, interest,
           0 as fee, opening - principal as principal_outstanding
    from closed
)
select count(*)
from expected full join made on expected.loan_at = made.loan_at and expected.number = made.number
where expected.due_on is distinct from made.due_on
   or expected.principal is distinct from made.principal
   or expected.interest is distinct from made.interest
   or expected.fee is distinct from made.fee
   or expected.principal_outstanding is distinct from made.principal_outstanding
"""


def rows_that_differ(terms: pa.Table, installment: NDArray[np.int64], batches: Iterable[pa.RecordBatch]) -> int:
    """How many schedule rows are wrong, missing or too many.

    terms: principal, disbursed_on, annual_rate, installments of loans that leave everything else out. installment: of
    each loan, in hundredths; it may be filled while batches are made. batches: whole loans in their order, in the
    schema of kernels/book.py. One batch is held at a time.
    """
    found, first = 0, 0
    with duckdb.connect(config={"threads": 1}) as connection:
        for batch in batches:
            before = int(batch["loan_at"][-1].as_py()) + 1
            found += _differ(connection, terms, installment, first, before, pa.table(_numbers(batch)))
            first = before
        nothing = pa.table({name: pa.array([], kind) for name, kind in MADE.items()})
        return found + _differ(connection, terms, installment, first, len(terms), nothing)


MADE = {
    "loan_at": pa.int64(),
    "number": pa.int64(),
    "due_on": pa.date32(),
    **dict.fromkeys(("principal", "interest", "fee", "principal_outstanding"), pa.int64()),
}


def _differ(
    connection: duckdb.DuckDBPyConnection,
    terms: pa.Table,
    installment: NDArray[np.int64],
    first: int,
    before: int,
    made: pa.Table,
) -> int:
    """Rows that differ among the loans from first to before - 1."""
    here = terms.slice(first, before - first)
    asked = {
        "loan_at": np.arange(first, before),
        "principal": _whole(here["principal"]),
        "rate": _whole(here["annual_rate"]),
        "installments": here["installments"],
        "disbursed_on": here["disbursed_on"],
        "installment": installment[first:before],
    }
    connection.register("given", pa.table(asked))
    connection.register("made", made)
    wide = ", ".join(f"{name}::hugeint as {name}" for name in ("principal", "rate", "installment"))
    connection.execute(
        f"create or replace temp table terms as select loan_at, {wide}, installments, disbursed_on from given"
    )
    (count,) = connection.execute(ROWS_THAT_DIFFER).fetchone()
    return int(count)


def _numbers(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    money = {name: batch[name].view(pa.int64()) for name in MADE if name in batch.schema.names[3:]}
    return {"loan_at": batch["loan_at"], "number": batch["installment_number"], "due_on": batch["due_on"], **money}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A decimal64 column as the whole numbers that it holds."""
    return column.combine_chunks().view(pa.int64())


def portfolio(loans: int, seed: int = 1) -> pa.Table:
    """Monthly loans to the paisa: principals over nine orders of magnitude, rates up to 60 % a year to six decimals,
    disbursed on any day (so that short months clamp), over one month to 30 years, most of them a few years."""
    chance = np.random.default_rng(seed)
    principal = np.exp(chance.uniform(np.log(1e4), np.log(1e13), loans)).astype(np.int64)
    installments = np.where(chance.random(loans) < 0.9, chance.integers(1, 61, loans), chance.integers(1, 361, loans))
    disbursed_on = (EPOCH_2020 + chance.integers(0, 1_500, loans)).astype(np.int32)
    return pa.table(
        {
            "principal": pa.array(principal).view(pa.decimal64(18, 2)),
            "disbursed_on": pa.array(disbursed_on).view(pa.date32()),
            "annual_rate": pa.array(chance.integers(0, 600_001, loans)).view(pa.decimal64(18, 6)),
            "installments": installments,
        }
    )
