"""The demo's input: the bundled samples of real loans, and a simulated portfolio, as a lender would drop them.

Belongs here: which files, and putting them into the landing folder. Does not: reading or writing any table.
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import polars as pl

from warehouse.contracts import registry
from warehouse.home import REPOSITORY, Home

SAMPLES = REPOSITORY / "ingestion" / "samples"
SUFFIXES = {".parquet"}
DEMO_DAY = date(2026, 10, 31)
"""Last day of the simulated portfolio, and the business day the demo closes, so that a later run changes nothing."""

PORTFOLIO_LOANS = 3_000
PORTFOLIO_MONTHS = 24
PORTFOLIO_SEED = 7
TENTH = 10
"""The small demo takes every tenth: the same years and outcomes, thinner."""

LONG_AGO = 1_700_000_000
"""Modification time given to what we put down whole, so that nobody waits for it to be quiet."""


def put_sources(home: Home, small: bool) -> list[Path]:
    """Put every file of the demo into landing/<source>/; equal bytes each time, so a second time changes nothing.

    small: a part of the same rows, so that a full demo in the same house later finds them known.
    """
    made = home.root / "demo"
    portfolio = simulated(made / "portfolio")
    files = {Path(sample.parent.name) / sample.name: sample for sample in bundled()}
    files |= {Path("portfolio") / file.relative_to(portfolio): file for file in data_files(portfolio)}
    if small:
        files = smaller(files, made / "small")
    return [place(file, home.landing / name) for name, file in files.items()]


def bundled() -> list[Path]:
    """Data files of the bundled samples, by source."""
    return data_files(SAMPLES)


def data_files(folder: Path) -> list[Path]:
    """The folder's data files, at any depth."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in SUFFIXES)


def simulated(folder: Path) -> Path:
    """The simulated portfolio, written once; a folder without its last mark is written anew."""
    from ingestion.simulator import simulate

    done = folder.with_name(folder.name + ".done")
    said = f"{PORTFOLIO_LOANS} loans, {PORTFOLIO_MONTHS} months until {DEMO_DAY}, seed {PORTFOLIO_SEED}"
    if not done.exists() or done.read_text() != said:
        done.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        simulate(loans=PORTFOLIO_LOANS, months=PORTFOLIO_MONTHS, seed=PORTFOLIO_SEED, out=folder, as_of=DEMO_DAY)
        done.write_text(said)
    return folder


def smaller(files: dict[Path, Path], folder: Path) -> dict[Path, Path]:
    """A tenth of each source, as files of the same names: every tenth row of a sample, every tenth customer's rows of
    the portfolio."""
    portfolio = {name: file for name, file in files.items() if name.parts[0] == "portfolio"}
    frames = of_every_tenth_customer({name: pl.read_parquet(file) for name, file in portfolio.items()})
    frames |= {name: pl.read_parquet(file).gather_every(TENTH) for name, file in files.items() if name not in portfolio}
    return {name: written(frame, folder / name) for name, frame in frames.items()}


def of_every_tenth_customer(frames: dict[Path, pl.DataFrame]) -> dict[Path, pl.DataFrame]:
    """The portfolio's tables, of which a row is kept when everything it refers to is kept."""
    kept: dict[str, pl.Series] = {}
    chosen = {}
    for table in registry.BRONZE:
        for name in (name for name in frames if table.name in name.parts):
            frame = frames[name].gather_every(TENTH) if table.name == "customers" else frames[name]
            for column, target in table.references.items():
                if column in frame.columns and target in kept:
                    frame = frame.filter(pl.col(column).is_null() | pl.col(column).is_in(kept[target].implode()))
            kept[f"{table.name}.{table.grain[0]}"] = frame[table.grain[0]]
            chosen[name] = frame
    return chosen


def written(frame: pl.DataFrame, target: Path) -> Path:
    """The frame as a Parquet file, there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    frame.write_parquet(draft)
    return draft.replace(target)


def place(file: Path, target: Path) -> Path:
    """Copy a file to where it is expected, appearing there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    shutil.copyfile(file, draft)
    os.utime(draft, (LONG_AGO, LONG_AGO))
    draft.replace(target)
    return target
