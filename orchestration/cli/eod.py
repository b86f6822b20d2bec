"""`lendhouse eod`: receive what has arrived, rebuild what follows from it, check it, publish the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from orchestration.cli.display import Display
from orchestration.cli.output import json_option, print_json, print_table

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("eod", epilog="Example: lendhouse eod --date 2026-11-21")
@click.option("--date", "on", type=DAY, help="The business day to close; yesterday in India unless told.")
@click.option("--from", "first", type=DAY, help="The first of several days to close, in order.")
@click.option("--to", "last", type=DAY, help="The last of several days.")
@json_option
def command(on: datetime | None, first: datetime | None, last: datetime | None, as_json: bool) -> None:
    """Close business days: take in files and the outbox, rebuild and test every table, train, score, publish.

    Safe to repeat. Tables hold what is known when they are built, so a day before the last published one is refused.
    """
    days = _days(on, first, last)
    from orchestration.close import Clock, CloseFailed, close, opened_graph
    from warehouse.home import Home
    from warehouse.lake import Lake

    home, closed = Home.from_environment(), []
    try:
        with Display() as progress:
            clock = Clock(progress)
            with opened_graph(home, clock) as (definitions, instance):
                for day in days:
                    close(home, day, definitions, instance, clock, why="eod")
                    closed.append(_row(Lake(home).published()))
    except CloseFailed as failure:
        raise click.ClickException(f"{failure}\nThe last published close is as it was.") from None
    print_json({"closed": closed}) if as_json else print_table(list(closed[0]), [list(row.values()) for row in closed])


def _days(on: datetime | None, first: datetime | None, last: datetime | None) -> list[date]:
    """The days asked for, oldest first; raises UsageError for a range that makes no sense or has not ended."""
    from orchestration.partitions import FIRST_BUSINESS_DAY, last_ended

    newest = last_ended(datetime.now(UTC))
    if on is not None and (first is not None or last is not None):
        raise click.UsageError("give --date, or --from and --to, not both")
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together")
    start, end = (first or on, last or on)
    if start is None or end is None:
        return [newest]
    if end < start:
        raise click.UsageError(f"--to: {end:%Y-%m-%d} is before --from {start:%Y-%m-%d}")
    if end.date() > newest:
        raise click.UsageError(f"{'--to' if last else '--date'}: {end:%Y-%m-%d} has not ended; the last is {newest}")
    if start.date() < FIRST_BUSINESS_DAY:
        raise click.UsageError(f"{'--from' if first else '--date'}: books begin on {FIRST_BUSINESS_DAY}")
    return [start.date() + timedelta(days=n) for n in range((end - start).days + 1)]


def _row(closing: Any) -> dict[str, Any]:
    return {
        "as_of": closing.as_of.isoformat(),
        "snapshot_id": closing.snapshot_id,
        "published_at": closing.published_at.isoformat(timespec="seconds"),
        "code_version": closing.code_version,
    }
