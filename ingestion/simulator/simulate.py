"""Write a reproducible portfolio as source files, bucket by bucket.

Belongs here: the run as a whole. Does not: what one bucket holds (bucket.py) or how close it came (measure.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingestion.simulator import columns
from ingestion.simulator.bucket import make
from ingestion.simulator.calendar import Window
from ingestion.simulator.measure import Calibrated, calibration
from ingestion.simulator.tables import Columns, assembled, write

LOANS_A_BUCKET = 16_384
LOANS_MAX = 10_000_000
_THREADS = 2
_FORMATS = ("parquet", "csv")
_TABLES = (
    *("branches", "schemes", "customers", "applications", "bureau_pulls", "loans", "events", "collateral"),
    *("recovery_actions", "invoices"),
)

Progress = Callable[[int, int], None]
"""Called with loans written so far and loans to write, from the thread that called simulate."""


@dataclass(frozen=True)
class Simulated:
    """What a run wrote and how close it came: rows by table, files, calibration, seconds spent."""

    out: Path
    rows: dict[str, int]
    files: int
    calibration: tuple[Calibrated, ...]
    seconds: float


def simulate(
    loans: int,
    months: int,
    seed: int,
    out: Path,
    as_of: date = date(2026, 10, 31),
    progress: Progress | None = None,
    file_format: str = "parquet",
) -> Simulated:
    """Write the source files of a portfolio of this many loans, disbursed over these months until as_of.

    Files: <out>/<table>/part-00000.parquet (or .csv), a part for each 16,384 loans. Equal arguments give equal files.
    Raises ValueError naming the argument; FileExistsError when out holds parts this run would not replace.
    """
    _check(loans, months, seed, as_of, file_format)
    began = time.perf_counter()
    window = Window.until(as_of, months)
    count = -(-loans // LOANS_A_BUCKET)
    _check_folder(out, count, file_format)
    rows: Counter[str] = Counter(schemes=_write_schemes(out, window, file_format))
    expected: dict[int, NDArray[np.float64]] = {}
    for number, made in _all(loans, count, seed, window, out, file_format, progress):
        rows.update(made.rows)
        expected[number] = made.expected
    total = np.sum([expected[number] for number in range(count)], axis=0)
    found = calibration(out, count, file_format, window, total)
    files = 1 + count * (len(_TABLES) - 1)
    return Simulated(out, {name: rows[name] for name in _TABLES}, files, found, time.perf_counter() - began)


@dataclass(frozen=True)
class _Bucket:
    loans: int
    rows: dict[str, int]
    expected: NDArray[np.float64]


def _check(loans: int, months: int, seed: int, as_of: date, file_format: str) -> None:
    if not 1 <= loans <= LOANS_MAX:
        raise ValueError(f"loans must be from 1 to {LOANS_MAX}, got {loans}")
    if not 1 <= months <= 360:
        raise ValueError(f"months must be from 1 to 360, got {months}")
    if months == 1 and as_of.day < 3:
        raise ValueError(
            f"months must be at least 2 when as_of is before the 3rd, the first day of lending; got {as_of}"
        )
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    if file_format not in _FORMATS:
        raise ValueError(f"file_format must be one of {', '.join(_FORMATS)}, got {file_format!r}")


def _check_folder(out: Path, count: int, file_format: str) -> None:
    """Parts of another portfolio must not stay among ours."""
    for name in _TABLES:
        ours = {f"part-{i:05d}.{file_format}" for i in range(1 if name == "schemes" else count)}
        other = sorted(p.name for p in (out / name).glob("*") if p.name not in ours and p.suffix != ".part")
        if other:
            raise FileExistsError(f"out: {out / name} holds {other[0]} of another portfolio; name an empty folder")


def _all(
    loans: int, count: int, seed: int, window: Window, out: Path, file_format: str, progress: Progress | None
) -> Iterator[tuple[int, _Bucket]]:
    """Every bucket, as it is done. Few are under way at once, so memory does not grow with the number of loans."""
    written = 0
    waiting: dict[Future[_Bucket], int] = {}
    numbers = iter(range(count))
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            while len(waiting) < _THREADS and (number := next(numbers, None)) is not None:
                size = min(LOANS_A_BUCKET, loans - number * LOANS_A_BUCKET)
                waiting[pool.submit(_write_bucket, number, size, seed, window, out, file_format)] = number
            if not waiting:
                return
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                made = done.result()
                written += made.loans
                if progress is not None:
                    progress(written, loans)
                yield waiting.pop(done), made


def _write_bucket(number: int, loans: int, seed: int, window: Window, out: Path, file_format: str) -> _Bucket:
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, number])))
    made = make(rng, number, loans, window)
    rows: dict[str, int] = {}

    def keep(name: str, given: Columns) -> None:
        table = assembled(name, given)
        write(table, out / name, number, file_format)
        rows[name] = table.num_rows

    for name, given in columns.tables(made, number, seed):
        keep(name, given)
    keep("invoices", columns.invoices(rng, made, number, window))
    return _Bucket(loans, rows, made.paths.expected)


def _write_schemes(out: Path, window: Window, file_format: str) -> int:
    table = assembled("schemes", columns.schemes(window))
    write(table, out / "schemes", 0, file_format)
    return table.num_rows
