"""`lendhouse simulate`: write a reproducible portfolio as source files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli.output import json_option, print_json, print_table, refuse, say

if TYPE_CHECKING:
    from ingestion.simulator.simulate import Simulated

SAID_EVERY_LOANS = 100_000


@click.command("simulate", epilog="Example: lendhouse simulate --loans 2000 --months 24 --seed 7 --out var/portfolio")
@click.option("--loans", type=click.IntRange(min=1), default=2_000, show_default=True, help="Loans to write.")
@click.option("--months", type=click.IntRange(min=1), default=24, show_default=True, help="Months of history.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Equal seeds, equal files.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write into.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the history (default: 2026-10-31).")
@click.option("--format", "format_", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@json_option
def command(loans: int, months: int, seed: int, out: Path, as_of: datetime | None, format_: str, as_json: bool) -> None:
    """Write a reproducible Indian NBFC portfolio as source files, and say how close it came to real figures.

    People, identifiers and payments are invented; rates at which loans fall behind, are charged off and are recovered
    are held to those of real books. `lendhouse ingest portfolio --from DIR` takes the files in.
    """
    from ingestion.simulator.simulate import simulate

    def progress(done: int, wanted: int) -> None:
        if done == wanted or done % SAID_EVERY_LOANS < 16_384:
            say(f"{done} of {wanted} loans")

    last: dict[str, date] = {} if as_of is None else {"as_of": as_of.date()}
    try:
        made = simulate(loans, months, seed, out, progress=progress, file_format=format_, **last)
    except NotADirectoryError:
        refuse(f"--out: {out} lies in a file; name another folder")
    except (ValueError, FileExistsError) as error:
        refuse(str(error))
    print_json(asdict(made)) if as_json else _print(made)


def _print(made: Simulated) -> None:
    print_table(["table", "rows"], made.rows.items(), f"{made.files} files in {made.out}, {made.seconds:.1f} s")
    print()
    records = [asdict(figure) for figure in made.calibration]
    if records:
        print_table(list(records[0]), [list(record.values()) for record in records], "How close to the real figures")
