"""`lendhouse ingest`: load files of one source into bronze."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.output import BadInput, existing, json_option, print_json, print_table, refuse, say

if TYPE_CHECKING:
    from ingestion.landing import Landed
    from warehouse.lake import Lake

REASONS_SHOWN = 10


@click.command("ingest")
@click.argument("source")
@click.option("--from", "path", type=click.Path(path_type=Path), required=True, help="A file, or a folder of files.")
@json_option
def command(source: str, path: Path, as_json: bool) -> None:
    """Load files of one SOURCE into bronze: rows accepted, quarantined, already known, and control totals.

    SOURCE is `portfolio` (files named after tables, as `lendhouse simulate` writes them), `sba_national` or
    `uci_credit_card`. A file that was loaded before changes nothing; the given files stay where they are.
    New rows show in gold after the next build: `lendhouse eod`, or by itself while `lendhouse up` runs.

    \b
    Example:
      lendhouse ingest portfolio --from var/portfolio
    """
    from ingestion.files import StillWritten
    from ingestion.sources import SOURCES, ingest
    from warehouse.home import Home
    from warehouse.lake import Lake

    if source not in SOURCES:
        refuse(f"SOURCE {source!r} is not known; known: {', '.join(sorted(SOURCES))}")
    lake = Lake(Home.from_environment())
    try:
        landed = ingest(source, existing(path, "--from:"), lake, datetime.now(UTC))
    except StillWritten as error:
        refuse(f"--from: {error}")
    if not landed:
        refuse(f"--from: {path} holds no file that `{source}` knows (CSV, XLSX, JSON lines, Parquet)")
    if all(batch.status == "REJECTED" for batch in landed):
        raise BadInput("\n".join(f"{batch.file_name}: {batch.message}" for batch in landed))
    if as_json:
        print_json([_record(batch) for batch in landed])
    else:
        _print(landed)
        _say_why(lake, landed)


def _record(batch: Landed) -> dict[str, Any]:
    return {
        "file": batch.file_name,
        "table": batch.table,
        "batch_id": batch.batch_id,
        "status": batch.status,
        "rows_received": batch.rows_received,
        "rows_accepted": batch.rows_accepted,
        "rows_quarantined": batch.rows_quarantined,
        "rows_already_known": batch.rows_already_known,
        "control_column": batch.control_column,
        "control_total_received": batch.control_total_received,
        "control_total_accepted": batch.control_total_accepted,
        "control_total_quarantined": batch.control_total_quarantined,
        "control_total_already_known": batch.control_total_already_known,
        "message": batch.message,
    }


def _print(landed: list[Landed]) -> None:
    columns = ["file", "table", "status", "received", "accepted", "quarantined", "known", "control", "of accepted"]
    rows = [
        [
            Path(batch.file_name).name,
            batch.table,
            batch.status,
            batch.rows_received,
            batch.rows_accepted,
            batch.rows_quarantined,
            batch.rows_already_known,
            batch.control_column,
            batch.control_total_accepted,
        ]
        for batch in landed
    ]
    print_table(columns, rows)
    for batch in landed:
        if batch.message:
            say(f"{Path(batch.file_name).name}: {batch.message}")


def _say_why(lake: Lake, landed: list[Landed]) -> None:
    """The commonest reasons for refusing rows of these batches, and where to read the rest."""
    from warehouse.lake import current_snapshot

    batches = sorted({batch.batch_id for batch in landed if batch.rows_quarantined})
    if not batches:
        return
    connection = lake.open_reader(head=True)
    reasons = connection.execute(
        "select table_name, column_name, reason, count(*) from lake.bronze.quarantine "
        f"where batch_id in ({', '.join(repr(batch) for batch in batches)}) group by all order by 4 desc, 1, 2, 3"
    ).fetchall()
    for table_name, column_name, reason, rows in reasons[:REASONS_SHOWN]:
        say(f"set aside: {rows} of {table_name}, {column_name}: {reason}")
    say(f'all of them: lendhouse lake sql "from bronze.quarantine" --as-of-snapshot {current_snapshot(connection)}')
