"""`lendhouse bench`: a benchmark's figures and the ratio to its floor, measured in one run."""

from __future__ import annotations

import click


@click.group("bench")
def command() -> None:
    """Measure this machine: figures and the ratio to a floor.

    \b
    Example:
      lendhouse bench sba
    """
