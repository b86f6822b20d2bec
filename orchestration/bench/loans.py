"""The loan engine against its floors: writing the same rows, and copying the same bytes.

Belongs here: what is timed and what it is divided by, in CPU seconds of one process. Does not: the engine, the
portfolio.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.bench import schedule_oracle as oracle
from orchestration.bench.portfolio import AS_OF, BUCKET_LOANS, EVENTS_A_LOAN, buckets, payments
from orchestration.bench.record import machine, versions
from transforms.kernels import book as batch
from transforms.kernels.book_tables import book_from
from transforms.kernels.columns import day_number_of
from transforms.kernels.day_end import NPA_SINCE, OLDEST_DUE_ON, OLDEST_PI_DUE_ON, ROWS, close_day
from transforms.kernels.due_dates import NO_DAY
from transforms.kernels.loan import Loan, Terms
from transforms.kernels.replay import schedule_of
from transforms.kernels.state import END, Norms, allocations

ROWS_AT_MOST = 2_000_000
PROVED_AT_MOST = 1_000_000  # the query takes minutes for as many
Said = Callable[[str], None]


@dataclass
class Clock:
    """CPU seconds of this process, by step, summed over buckets."""

    seconds: dict[str, float]

    def timed(self, name: str, work: Callable[..., Any], *given: Any) -> Any:
        """The result of work(*given), its CPU seconds added to the step."""
        began = time.process_time()
        result = work(*given)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
        return result


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """How the engine's rows are written: deltas of whole numbers, decimals as integers, zstd at its fastest level."""
    deltas = {field.name: "DELTA_BINARY_PACKED" for field in schema}
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        column_encoding=deltas,
        store_decimal_as_integer=True,
        write_statistics=False,
    )


def bench_schedule(loans: int, repeats: int, said: Said) -> dict[str, Any]:
    """Schedules built and written, beside writing the same rows, and beside DuckDB copying them to Parquet (zstd).

    Schedules of as many loans of all sizes, at most a million, are then proved by an oracle in SQL: rows_that_differ.
    """
    record = _measured("schedule", loans, repeats, said, _schedule_once)
    proved = min(loans, PROVED_AT_MOST)
    said(f"proving the schedules of {proved} loans against a recursive query")
    return {**record, "loans_proved": proved, "rows_that_differ": rows_that_an_oracle_disputes(proved)}


def rows_that_an_oracle_disputes(loans: int, rows_at_most: int = ROWS_AT_MOST) -> int:
    """Rows of so many schedules that differ from a recursive query over whole numbers, which shares no code with us."""
    terms, ends = oracle.portfolio(loans), np.zeros(loans, END)
    batches = batch.schedule_batches(book_from(terms), ends, batch.schedule_buffers(rows_at_most))
    return oracle.rows_that_differ(terms, ends["installment"], batches)


def bench_replay(loans: int, repeats: int, said: Said) -> dict[str, Any]:
    """EVENTS_A_LOAN events a loan replayed and the allocations written, beside writing them alone."""
    return _measured("replay", loans, repeats, said, _replay_once)


def bench_eod(loans: int, repeats: int, said: Said) -> dict[str, Any]:
    """The end of a day of a book in memory, beside copying its state once."""
    state = _state_of(loans)
    seconds: dict[str, list[float]] = {"close a day": [], "copy the state (floor)": []}
    close_day(state[:, :8].copy(), day_number_of(AS_OF), Norms())
    target = np.empty_like(state)
    for repeat in range(max(repeats, 5)):
        clock = Clock({})
        clock.timed("copy the state (floor)", np.copyto, target, state)
        clock.timed("close a day", close_day, target, day_number_of(AS_OF) + repeat, Norms())
        for name, figure in clock.seconds.items():
            seconds[name].append(figure)
    median = {name: statistics.median(figures) for name, figures in seconds.items()}
    ratio = median["close a day"] / median["copy the state (floor)"]
    return _record("eod", loans, repeats, median, {"close / copy": ratio}, {"state_bytes": state.nbytes})


def _measured(
    name: str, loans: int, repeats: int, said: Said, once: Callable[[int, Path, Clock], int]
) -> dict[str, Any]:
    runs, rows = [], 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        once(min(loans, 1_000), Path(folder), Clock({}))  # what compiling and importing cost is no part of the work
        for repeat in range(1, repeats + 1):
            clock = Clock({})
            rows = once(loans, Path(folder), clock)
            runs.append(clock.seconds)
            said(f"{repeat} of {repeats}: " + ", ".join(f"{step} {took:.2f} s" for step, took in clock.seconds.items()))
    median = {step: statistics.median(run[step] for run in runs) for step in runs[0]}
    kernel, write = median["kernel"], median["write (floor)"]
    ratios = {"(build + write) / write": (kernel + write) / write}
    if "duckdb copy zstd" in median:
        ratios["(build + write) / duckdb copy"] = (kernel + write) / median["duckdb copy zstd"]
    figures = {"rows": rows, "one_loan_ms": _one_loan_ms()}
    return _record(name, loans, repeats, median, ratios, figures)


def _schedule_once(loans: int, folder: Path, clock: Clock) -> int:
    """All buckets of one run; the rows written."""
    rows, buffers = 0, batch.schedule_buffers(ROWS_AT_MOST)
    with writer(folder / "schedules.parquet", batch.SCHEDULE_SCHEMA) as out:
        for bucket in buckets(loans):
            book = clock.timed("terms from arrow", book_from, bucket)
            ends = np.zeros(len(book), END)
            made = _drained(batch.schedule_batches(book, ends, buffers), clock)
            for rows_made in made:
                clock.timed("write (floor)", out.write_batch, rows_made)
                clock.timed("duckdb copy zstd", _duckdb_copy, rows_made, folder)
                rows += len(rows_made)
    return rows


def _replay_once(loans: int, folder: Path, clock: Clock) -> int:
    rows, buffers, out = 0, batch.schedule_buffers(ROWS_AT_MOST), allocations(ROWS_AT_MOST)
    with writer(folder / "allocations.parquet", batch.ALLOCATION_SCHEMA) as file:
        for place, bucket in enumerate(buckets(loans)):
            ends = np.zeros(len(bucket), END)
            for _ in batch.schedule_batches(book_from(bucket), ends, buffers):
                pass  # the installments that the payments are made of
            events = payments(bucket, ends["installment"], np.random.default_rng((11, place)))
            book = clock.timed("events from arrow", book_from, bucket, events)
            walked = batch.replays(book, day_number_of(AS_OF), Norms(), ends, out)
            for made in _drained(walked, clock):
                clock.timed("write (floor)", file.write_batch, made)
                rows += len(made)
    return rows


def _drained(batches: Iterator[pa.RecordBatch], clock: Clock) -> Iterator[pa.RecordBatch]:
    """The batches, the time of making each one counted: the walk and its shaping as Arrow."""
    while (made := clock.timed("kernel", next, batches, None)) is not None:
        yield made


def _duckdb_copy(rows: pa.RecordBatch, folder: Path) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("made", pa.table(rows))
        target = (folder / "copied.parquet").as_posix()
        connection.execute(f"copy made to '{target}' (format parquet, compression zstd)")


def _state_of(loans: int) -> np.ndarray[Any, Any]:
    """Open segments of a book: one loan in five in arrears, the oldest of them NPA."""
    chance = np.random.default_rng(3)
    day = day_number_of(AS_OF)
    state = np.zeros((ROWS, loans), np.int64)
    state[0] = day - chance.integers(0, 30, loans)
    state[1] = chance.integers(1_000_000, 100_000_000, loans)
    state[2] = chance.integers(80_000, 300_000, loans)
    late = np.where(chance.random(loans) < 0.2, day - chance.integers(0, 150, loans), NO_DAY)
    state[OLDEST_DUE_ON] = state[OLDEST_PI_DUE_ON] = late
    state[NPA_SINCE] = NO_DAY
    return state


def _one_loan_ms() -> float:
    """Milliseconds of one loan through the engine of the command line, warm, in process; median of 200."""
    loan = Loan("L1", "INR", Terms(Decimal("100000.00"), date(2025, 1, 15), Decimal("0.12"), 12))
    schedule_of(loan)
    took = []
    for _ in range(200):
        began = time.perf_counter()
        schedule_of(loan)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1_000


def _record(
    name: str,
    loans: int,
    repeats: int,
    seconds: dict[str, float],
    ratios: dict[str, float],
    figures: dict[str, Any],
) -> dict[str, Any]:
    return {
        "bench": name,
        "loans": loans,
        "bucket_loans": BUCKET_LOANS,
        "events_a_loan": EVENTS_A_LOAN if name == "replay" else 0,
        "repeats": repeats,
        **figures,
        "cpu_seconds": seconds,
        "ratios": ratios,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "machine": machine(),
        "versions": versions(),
    }
