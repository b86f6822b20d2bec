"""`lendhouse ingest`: load files of one source into bronze."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.output import existing, json_option, print_json, print_table, refuse, say

if TYPE_CHECKING:
    from ingestion.landing import Landed


@click.command("ingest")
@click.argument("source")
@click.option("--from", "path", type=click.Path(path_type=Path), required=True, help="A file, or a folder of files.")
@json_option
def command(source: str, path: Path, as_json: bool) -> None:
    """Load files of one SOURCE into bronze: rows accepted, quarantined, already known, and control totals.

    SOURCE is `portfolio` (files named after tables, as `lendhouse simulate` writes them), `sba_national` or
    `uci_credit_card`. A file that was loaded before changes nothing; the given files stay where they are.
    New rows show in gold after the next build (`lendhouse demo`, or the daily job of `lendhouse up`).

    \b
    Example:
      lendhouse ingest portfolio --from var/portfolio
    """
    from ingestion.sources import SOURCES, ingest
    from warehouse.home import Home
    from warehouse.lake import Lake

    if source not in SOURCES:
        refuse(f"SOURCE {source!r} is not known; known: {', '.join(sorted(SOURCES))}")
    existing(path, "--from:")
    landed = ingest(source, path, Lake(Home.from_environment()), datetime.now(UTC))
    if not landed:
        refuse(f"--from: {path} holds no file of {source}")
    if as_json:
        print_json([_record(batch) for batch in landed])
    else:
        _print(landed)
    if all(batch.status == "REJECTED" for batch in landed):
        refuse("no file could be read; the messages above say what to do")


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
    if any(batch.rows_quarantined for batch in landed):
        say(
            'why rows were set aside: lendhouse lake sql "select table_name, column_name, reason, count(*) '
            'from bronze.quarantine group by all" (after the next build)'
        )
