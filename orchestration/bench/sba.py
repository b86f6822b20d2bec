"""The SBA book from its file to gold, beside a bare DuckDB copy of the same file to Parquet.

Belongs here: which steps are timed and what they are divided by. Does not: the steps themselves.

The copy is the floor: nobody can load a file without reading it and writing it once. Everything the house adds (the
contract on each row, control totals, row hashes, Great Expectations, schedules, marts, tests) is in the ratio.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.bench.record import Laps, machine, versions
from warehouse.home import REPOSITORY, Home
from warehouse.lake import Lake, quoted

SAMPLE = REPOSITORY / "ingestion" / "samples" / "sba_national"
SOURCE = "sba_national"
FLOOR = "copy (floor)"
TO_MARTS = ("ingest", "schedules", "models")
ALL = (*TO_MARTS, "tests")


class BenchFailed(RuntimeError):
    """A step did not do its work, so there is nothing to measure."""


def bench_sba(home: Home, file: Path | None, repeats: int, said: Callable[[str], None]) -> dict[str, Any]:
    """The record of one run: seconds of each step (median of the repeats) and the ratios to the floor.

    Works in a folder of its own below the home, removed afterwards. What a program pays once to start (imports, the
    first parse of the dbt project) is measured apart, as `start`.
    """
    given = file or _only_file(SAMPLE)
    laps = Laps()
    home.root.mkdir(parents=True, exist_ok=True)
    before = machine()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=home.root) as scratch:
        with laps.lap("start"):
            _start(Path(scratch) / "start")
        for repeat in range(1, repeats + 1):
            place = Path(scratch) / str(repeat)
            with laps.lap(FLOOR):
                _copy(given, place)
            rows = _once(_home_at(home, place), given, laps)
            shutil.rmtree(place)
            said(f"{repeat} of {repeats}: " + ", ".join(f"{name} {laps.seconds[name][-1]:.1f} s" for name in ALL))
    floor = laps.median(FLOOR)
    return {
        "bench": "sba",
        "file": given.name,
        "file_bytes": given.stat().st_size,
        "rows": rows,
        "repeats": repeats,
        "seconds": {name: round(laps.median(name), 3) for name in ("start", FLOOR, *ALL)},
        "seconds_to_marts": round(laps.total(TO_MARTS), 3),
        "seconds_with_tests": round(laps.total(ALL), 3),
        "ratio_to_marts": round(laps.total(TO_MARTS) / floor, 2),
        "ratio_with_tests": round(laps.total(ALL) / floor, 2),
        "all_seconds": {name: [round(second, 3) for second in seconds] for name, seconds in laps.seconds.items()},
        "machine": before,
        "versions": versions(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _once(home: Home, file: Path, laps: Laps) -> int:
    """File to gold in an empty home; the rows of the file."""
    from ingestion.sources import ingest
    from transforms.books.schedules import build_contractual_schedules
    from transforms.runner import manifest, run_dbt

    lake = Lake(home)
    with laps.lap("ingest"):
        landed = ingest(SOURCE, file, lake, datetime.now(UTC))
    if not any(batch.rows_accepted for batch in landed):
        raise BenchFailed("; ".join(batch.message or batch.status for batch in landed))
    with laps.lap("schedules"):
        build_contractual_schedules(lake)
    manifest(home)
    with laps.lap("models"):
        run_dbt(home, ["run"])
    with laps.lap("tests"):
        run_dbt(home, ["test"])
    return max(batch.rows_received for batch in landed)


def _start(folder: Path) -> None:
    from ingestion import sources  # noqa: F401
    from ingestion.expectations_run import Validator
    from transforms.runner import manifest

    home = _home_at(Home.from_environment(), folder)
    manifest(home)
    Validator(home).publish()  # there is nothing to publish, but its process answers only when it has imported


def _copy(file: Path, place: Path) -> None:
    """The floor: read the file, write it once as the lake does (Parquet, zstd)."""
    place.mkdir(parents=True)
    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    target = quoted(str(place / "copy.parquet"))
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from {reader}('{quoted(str(file))}')) to '{target}' (format parquet, compression zstd)"
        )


def _home_at(home: Home, root: Path) -> Home:
    """The same installation with its stores in another folder, on the embedded catalog."""
    fresh = Home.from_environment({"LENDHOUSE_HOME": str(root)})
    return replace(fresh, dagster_url=home.dagster_url)


def _only_file(folder: Path) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix in {".parquet", ".csv"})
    if len(found) != 1:
        raise BenchFailed(f"expected one data file in {folder}, found {len(found)}")
    return found[0]
