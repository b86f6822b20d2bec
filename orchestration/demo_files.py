"""The demo's input: the bundled samples of real loans, and a simulated portfolio, as a lender would drop them.

Belongs here: which files, and putting them into the landing folder. Does not: reading or writing any table.
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from warehouse.home import REPOSITORY, Home

SAMPLES = REPOSITORY / "ingestion" / "samples"
SUFFIXES = {".csv", ".parquet", ".xlsx", ".jsonl", ".gz"}
DEMO_DAY = date(2026, 10, 31)
"""Last day of the simulated portfolio, and the business day the demo closes, so that a later run changes nothing."""

PORTFOLIO_LOANS = {False: 3_000, True: 300}
PORTFOLIO_MONTHS = 24
PORTFOLIO_SEED = 7
SMALL_KEEPS_EVERY = 10
"""The small demo takes every tenth row of a sample: the same years and outcomes, thinner."""

LONG_AGO = 1_700_000_000
"""Modification time given to what we put down whole, so that nobody waits for it to be quiet."""


def put_sources(home: Home, small: bool) -> list[Path]:
    """Put every file of the demo into landing/<source>/; equal bytes each time, so a second time changes nothing."""
    made = home.root / "demo" / ("small" if small else "full")
    put = []
    for sample in bundled():
        file = thinned(sample, made / sample.parent.name / sample.name) if small else sample
        put.append(place(file, home.landing / sample.parent.name / sample.name))
    for file in simulated(made / "portfolio", PORTFOLIO_LOANS[small]):
        put.append(place(file, home.landing / "portfolio" / file.relative_to(made / "portfolio")))
    return put


def bundled() -> list[Path]:
    """Data files of the bundled samples, by source."""
    return sorted(path for path in SAMPLES.glob("*/*") if path.suffix in SUFFIXES)


def simulated(folder: Path, loans: int) -> list[Path]:
    """Files of the simulated portfolio, written once; a folder without its last mark is written anew."""
    from ingestion.simulator import simulate

    done = folder.with_name(folder.name + ".done")
    said = f"{loans} loans, {PORTFOLIO_MONTHS} months, seed {PORTFOLIO_SEED}"
    if not done.exists() or done.read_text() != said:
        done.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        simulate(loans=loans, months=PORTFOLIO_MONTHS, seed=PORTFOLIO_SEED, out=folder, as_of=DEMO_DAY)
        done.write_text(said)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in SUFFIXES)


def thinned(sample: Path, target: Path) -> Path:
    """Every tenth row of a sample, as a file of the same format."""
    import polars as pl

    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    if sample.suffix == ".parquet":
        pl.read_parquet(sample).gather_every(SMALL_KEEPS_EVERY).write_parquet(draft)
    else:
        # As text, so that the values stay what the source wrote.
        pl.read_csv(sample, infer_schema=False).gather_every(SMALL_KEEPS_EVERY).write_csv(draft)
    draft.replace(target)
    return target


def place(file: Path, target: Path) -> Path:
    """Copy a file to where it is expected, appearing there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    shutil.copyfile(file, draft)
    os.utime(draft, (LONG_AGO, LONG_AGO))
    draft.replace(target)
    return target
