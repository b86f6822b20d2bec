"""`lendhouse simulate`: write a reproducible portfolio as source files."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.output import json_option


@click.command("simulate", epilog="Example: lendhouse simulate --loans 2000 --months 24 --seed 7 --out var/portfolio")
@click.option("--loans", type=click.IntRange(min=1), default=2_000, show_default=True, help="Loans to write.")
@click.option("--months", type=click.IntRange(1, 360), default=24, show_default=True, help="Months of history.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Equal seeds, equal files.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write into.")
@json_option
def command(loans: int, months: int, seed: int, out: Path, as_json: bool) -> None:
    """Write a reproducible Indian NBFC portfolio as source files, and how close it came to its calibration."""
    raise click.ClickException("not yet")
