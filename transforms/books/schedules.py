"""The contractual schedules of the whole book: bronze.loans in, silver.contractual_schedules out.

Belongs here: reading terms in buckets of whole loans, calling the kernel, writing rows. Does not: the schedule's rule
(kernels/dues.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.books.threads import on_threads
from transforms.kernels.book import SCHEDULE_SCHEMA, schedule_batches, schedule_buffers
from transforms.kernels.book_tables import book_from
from transforms.kernels.columns import INSTALLMENTS_MAX, Records
from transforms.kernels.due_dates import UNITS
from transforms.kernels.money import CEIL_RUPEE, SMALLEST
from transforms.kernels.state import END, Stop
from warehouse.bronze import create_sql, ensure_bronze
from warehouse.contracts.codes import INTEREST_METHOD
from warehouse.contracts.servicing import CONTRACTUAL_SCHEDULES, LOANS_SET_ASIDE
from warehouse.lake import ALIAS, Lake, in_one_commit

BUCKET_LOANS = 32_000  # loans read at a time: some 1M rows, about 200 MB with everything made of them
CHUNK_LOANS = 16_000
# A scheme's default rounding of the equal installment (CV-02); a scheme cannot say otherwise yet.
INSTALLMENT_ROUNDING = CEIL_RUPEE
DIMENSIONS = ("loan_id", "branch_id", "entity_id", "product_code", "currency")
MONEY = pa.decimal64(18, 2)
TOTAL_MAX = 1e17  # hundredths that a loan may come to, a digit below what decimal(18,2) holds
Integers = NDArray[np.int64]
NOTHING = np.zeros(0, np.int64)


def _list(words: Iterable[str]) -> str:
    """Words as a SQL list."""
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


# What a loan document leaves out has the value that INTERFACES.md shows: every month, reducing, 30/360.
TERMS = f"""
    select loan_id, branch_id, entity_id, product_code, currency,
           case when interest_method_code not in {_list(INTEREST_METHOD)} then 'METHOD_UNKNOWN'
                when principal is null or disbursed_on is null or annual_rate is null or installments is null
                    then 'TERMS_INCOMPLETE'
                when currency is null or currency not in {_list(SMALLEST)} then 'CURRENCY_UNKNOWN'
                when repay_unit_code not in {_list(UNITS)} then 'PERIOD_OUT_OF_RANGE'
                end as set_aside_code,
           principal, disbursed_on, annual_rate, installments, first_due_on, repay_every, repay_unit_code,
           interest_method_code, cast({INSTALLMENT_ROUNDING.unit} as decimal(18, 2)) as rounding_installment,
           '{INSTALLMENT_ROUNDING.mode.name.lower()}' as rounding_installment_mode_code
    from {ALIAS}.bronze.loans
    where annual_rate is not null or installments is not null
"""
IN_WORDS = {
    "METHOD_UNKNOWN": "interest_method_code must be reducing, flat or rule_of_78",
    "TERMS_INCOMPLETE": "principal, disbursed_on, annual_rate or installments is missing",
    "CURRENCY_UNKNOWN": "the currency's smallest amount is not known",
    "FIRST_DUE_NOT_AFTER_DISBURSAL": "first_due_on must be after disbursed_on",
    "PRINCIPAL_OUT_OF_RANGE": "principal must be positive, payable in the currency and at most 10^13",
    "RATE_OUT_OF_RANGE": "annual_rate must be from 0 to 5",
    "PERIOD_OUT_OF_RANGE": "repay_every must be 1 to 366 of a known unit, the last due date before the year 10000",
    "INSTALLMENTS_OUT_OF_RANGE": "installments must be from 1 to 1200",
    "AMOUNT_TOO_LARGE": "an amount of the schedule does not fit into decimal(18,2)",
}


@dataclass
class _Written:
    """What has been written so far."""

    loans: int = 0
    rows: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)


def build_contractual_schedules(
    lake: Lake, doing: str = "contractual schedules", bucket_loans: int = BUCKET_LOANS
) -> dict[str, int]:
    """Write the schedule of every loan that has terms, replacing what was there, in one commit.

    Loans are read in buckets of about bucket_loans, so memory does not grow with the book. The figures that come back:
    loans_scheduled, rows, loans_set_aside, set_aside_<reason>, loans_without_terms (loans whose source gives no rate
    and no installments). The same bronze gives the same rows.
    """
    with lake.open_writer(doing) as connection:
        ensure_bronze(connection)
        written = in_one_commit(connection, lambda: _write(connection, bucket_loans))
        loans = _count(connection, f"{ALIAS}.bronze.loans")
    aside = {f"set_aside_{code.lower()}": count for code, count in sorted(written.set_aside.items())}
    set_aside = written.set_aside.total()
    return {
        "loans_scheduled": written.loans,
        "rows": written.rows,
        "loans_set_aside": set_aside,
        **aside,
        "loans_without_terms": loans - written.loans - set_aside,
    }


def _write(connection: duckdb.DuckDBPyConnection, bucket_loans: int) -> _Written:
    written = _Written()
    for table in (CONTRACTUAL_SCHEDULES, LOANS_SET_ASIDE):
        connection.execute(create_sql(table).replace("create table if not exists", "create or replace table"))
    buckets = -(-_count(connection, f"({TERMS})") // bucket_loans)
    for loans, rows, aside in on_threads(_chunks(connection, buckets), lambda: None, _computed):
        _insert(connection, CONTRACTUAL_SCHEDULES.qualified, rows)
        _insert(connection, LOANS_SET_ASIDE.qualified, aside)
        written.rows += len(rows)
        written.loans += loans - len(aside)
        written.set_aside.update(aside["set_aside_code"].to_pylist())
    return written


def _chunks(connection: duckdb.DuckDBPyConnection, buckets: int) -> Iterator[pa.Table]:
    """Terms of all loans, bucket by bucket, in chunks for one thread each."""
    for bucket in range(buckets):
        where = f"hash(loan_id) % {buckets} = {bucket}"
        loans = connection.execute(f"select * from ({TERMS}) where {where} order by loan_id").to_arrow_table()
        yield from (loans.slice(start, CHUNK_LOANS) for start in range(0, len(loans), CHUNK_LOANS))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    if len(rows) == 0:
        return
    connection.register("rows_to_write", rows)
    connection.execute(f"insert into {ALIAS}.{table} by name select * from rows_to_write")
    connection.unregister("rows_to_write")


def _computed(loans: pa.Table, _: None) -> tuple[int, pa.Table, pa.Table]:
    """(loans, schedule rows, loans set aside) of one chunk of whole loans."""
    loans = loans.combine_chunks()
    is_known = pc.is_null(loans["set_aside_code"])
    known = loans.filter(is_known)
    book, ends = book_from(known), np.zeros(len(known), END)
    buffers = schedule_buffers(int(np.clip(book.columns.terms["installments"], 0, INSTALLMENTS_MAX).sum()))
    kept = [
        [np.array(column.view(_whole(column))) for column in made] for made in schedule_batches(book, ends, buffers)
    ]
    made = [np.concatenate(parts).astype(np.int64) for parts in zip(*kept, strict=True)]
    rows = _rows(known, dict(zip(SCHEDULE_SCHEMA.names, made or [NOTHING] * 7, strict=True)), ends)
    return len(loans), rows, _aside(loans.filter(pc.invert(is_known)), known, ends["stop"])


def _whole(column: pa.Array) -> pa.DataType:
    """The whole numbers that a column of the engine holds."""
    return pa.int64() if pa.types.is_decimal(column.type) else pa.int32()


def _rows(loans: pa.Table, made: dict[str, Integers], ends: Records) -> pa.Table:
    """Arrow rows of silver.contractual_schedules; money is the engine's integers, read as decimals, uncopied.

    A loan that comes to more than the columns hold is set aside in ends.
    """
    loan, total = made["loan_at"], made["principal"] + made["interest"]
    to_date, fits = _totals_to_date(loan, total, ends)
    positions = pa.array(loan.astype(np.int32))
    names = {
        name: pa.DictionaryArray.from_arrays(*_taken(loans[name].combine_chunks().dictionary_encode(), positions))
        for name in DIMENSIONS
    }
    rows = pa.table(
        {
            **names,
            "installment_number": made["installment_number"],
            "due_on": pa.array(made["due_on"].astype(np.int32)).view(pa.date32()),
            "principal_due": _money(made["principal"]),
            "interest_due": _money(made["interest"]),
            "total_due": _money(total),
            "total_due_to_date": _money(to_date),
            "principal_outstanding": _money(made["principal_outstanding"]),
        }
    )
    return rows if fits.all() else rows.filter(pa.array(fits))


def _totals_to_date(loan: Integers, total: Integers, ends: Records) -> tuple[Integers, NDArray[np.bool_]]:
    """(running total of each row within its loan, which rows are of loans that fit)."""
    firsts = np.flatnonzero(np.diff(loan, prepend=-1))
    if not len(firsts):
        return total, np.ones(0, np.bool_)
    counts = np.diff(firsts, append=len(loan))
    running = np.cumsum(total)  # may wrap over the loans of a batch; differences are right all the same
    fits = np.add.reduceat(total.astype(np.float64), firsts) <= TOTAL_MAX
    ends["stop"][loan[firsts][~fits]] = Stop.AMOUNT_TOO_LARGE
    return running - np.repeat(running[firsts] - total[firsts], counts), np.repeat(fits, counts)


def _taken(encoded: pa.DictionaryArray, positions: pa.Array) -> tuple[pa.Array, pa.Array]:
    return encoded.indices.take(positions), encoded.dictionary


def _money(amounts: Integers) -> pa.Array:
    return pa.array(amounts).view(MONEY)


def _aside(unknown: pa.Table, known: pa.Table, reasons: Integers) -> pa.Table:
    refused = np.flatnonzero(reasons)
    codes = [Stop(int(reasons[loan])).name for loan in refused]
    early = unknown.select([*DIMENSIONS, "set_aside_code"])
    late = known.take(refused).select(list(DIMENSIONS)).append_column("set_aside_code", pa.array(codes, pa.string()))
    aside = pa.concat_tables([early, late])
    words = pa.array([IN_WORDS[code] for code in aside["set_aside_code"].to_pylist()], pa.string())
    return aside.append_column("set_aside_reason", words)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    assert row is not None
    return int(row[0])
