"""Makes the bundled samples from the full public files: `python -m ingestion.samples.make_samples SBA_FILE UCI_FILE`.

Belongs here: which rows are taken, and how they are written. Does not: any change to a value. The draw is seeded and
over all rows, never by time, so that every vintage, state and error of the full file has its fair share.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20260101
SBA_ROWS = 60_000
FOLDER = Path(__file__).resolve().parent


def drawn(rows: pl.DataFrame, count: int, seed: int) -> pl.DataFrame:
    """count rows without replacement, in the order of the file; NumPy's PCG64 draws the same on every version."""
    chosen = np.random.Generator(np.random.PCG64(seed)).permutation(rows.height)[:count]
    return rows[np.sort(chosen)]


def make(sba_file: Path, uci_file: Path, folder: Path = FOLDER) -> list[Path]:
    """Write both samples; the paths written."""
    sba = folder / "sba_national" / "sba_loans_sample.parquet"
    uci = folder / "uci_credit_card" / "uci_credit_card.parquet"
    for path, rows in (
        (sba, drawn(pl.read_parquet(sba_file), SBA_ROWS, SEED)),
        # All 30,000 accounts: the whole table is as small as a sample of the other.
        (uci, pl.read_parquet(uci_file)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(path, compression="zstd", compression_level=19, statistics=False, row_group_size=1_000_000)
    return [sba, uci]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    for written in make(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stdout.write(f"{written}: {written.stat().st_size:,} bytes\n")
