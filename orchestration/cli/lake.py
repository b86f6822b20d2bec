"""`lendhouse lake`: read-only SQL on the lake, and its published snapshots."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli.output import as_text, json_option, print_json, print_table, refuse, say

if TYPE_CHECKING:
    import duckdb

    from warehouse.lake import Lake

FORMATS = ("table", "csv", "xlsx", "parquet")


@click.group("lake")
def command() -> None:
    """Read-only SQL on the lake; its published snapshots.

    \b
    Example:
      lendhouse lake sql "show tables"
      lendhouse lake snapshots
    """


@command.command("sql")
@click.argument("query")
@click.option("--as-of-snapshot", "snapshot", type=click.IntRange(min=0), help="Read at this snapshot id.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How to write the answer (default: table).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; its ending is a format.")
@click.option(
    "--limit", type=click.IntRange(min=0), help="Rows at most; 0 means all (default: 1000 on the screen, else all)."
)
@json_option
def sql(
    query: str, snapshot: int | None, format_: str | None, out: Path | None, limit: int | None, as_json: bool
) -> None:
    """Run one SELECT on the lake, at the latest published snapshot unless told.

    Tables of gold need no prefix; write silver.… and bronze.… for the others. A query of `-` reads standard input.
    Files cannot be read and nothing can be attached or changed.

    \b
    Example:
      lendhouse lake sql "select product_code, count(*) loans from servicing__loan_latest group by 1"
      lendhouse lake sql "from servicing__delinquency_monthly" --format xlsx --out delinquency.xlsx
    """
    form = _form(format_, out, as_json)
    text = sys.stdin.read() if query == "-" else query
    answer = _answer(text, snapshot)
    if form in ("table", "json"):
        _show(answer, form == "json", 1_000 if limit is None else limit)
    else:
        from orchestration.cli.export import export

        rows = export(answer, form, out, limit or None)
        say(f"{rows} rows written to {out}" if out else f"{rows} rows")


def _form(format_: str | None, out: Path | None, as_json: bool) -> str:
    """The form of the answer, from --format, --json and the ending of --out; a contradiction is refused."""
    if as_json and (format_ or out):
        refuse("--json goes to the screen; leave out --format and --out")
    if as_json:
        return "json"
    ending = out.suffix.lstrip(".").lower() if out else None
    form = format_ or (ending if ending in FORMATS else None) or ("csv" if out else "table")
    if out and form == "table":
        refuse("--out needs --format csv, xlsx or parquet")
    if out and not out.parent.is_dir():
        refuse(f"--out: the folder {out.parent} does not exist")
    if form in ("xlsx", "parquet") and not out:
        refuse(f"--format {form} needs --out FILE")
    return form


def _answer(text: str, snapshot: int | None) -> duckdb.DuckDBPyConnection:
    """The running query. Refuses (exit 2) what may not run or cannot; a lake that is missing is a failure (exit 1)."""
    import duckdb

    from warehouse.guard import QueryRefused, check_query, open_guarded
    from warehouse.home import Home
    from warehouse.lake import Lake

    lake = Lake(Home.from_environment())
    if snapshot is not None:
        _refuse_unreadable(lake, snapshot)
    connection = open_guarded(lake, snapshot)
    try:
        check_query(connection, text)
        return connection.execute(text)
    except (QueryRefused, duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
        refuse(str(error))
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        refuse(str(error))


def _refuse_unreadable(lake: Lake, snapshot: int) -> None:
    """Refuses a snapshot that is not there, or is one of the few in which the lake was being made."""
    from warehouse.lake import closings, current_snapshot, first_readable

    connection = lake.open_reader(head=True)
    first, newest, published = first_readable(connection), current_snapshot(connection), closings(connection)
    connection.close()
    if snapshot > newest:
        refuse(f"--as-of-snapshot: there is no snapshot {snapshot}; see `lendhouse lake snapshots`")
    if snapshot < first:
        told = f", the first published one {published[0].snapshot_id}" if published else ""
        refuse(
            f"--as-of-snapshot: at snapshot {snapshot} the lake had no tables yet; "
            f"the first that can be read is {first}{told}; see `lendhouse lake snapshots`"
        )


def _show(answer: duckdb.DuckDBPyConnection, as_json: bool, limit: int) -> None:
    columns = [column[0] for column in answer.description]
    rows = answer.fetchmany(limit + 1) if limit else answer.fetchall()
    more = bool(limit) and len(rows) > limit
    rows = rows[:limit] if more else rows
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        if more:
            say(f"the first {limit} rows; --limit 0 gives all")
        return
    note = f"{len(rows)} rows" if not more else f"the first {limit} rows; --limit 0 gives all"
    print_table(columns, rows, note=note, is_exact=True)


@command.command("snapshots")
@json_option
def snapshots(as_json: bool) -> None:
    """List the published snapshots, oldest first: the business day each closes and when it was published.

    \b
    Example:
      lendhouse lake snapshots --json
      lendhouse lake sql "select count(*) from servicing__loan_latest" --as-of-snapshot 42
    """
    from warehouse.home import Home
    from warehouse.lake import Lake, closings

    connection = Lake(Home.from_environment()).open_reader(head=True)
    published = closings(connection)
    records = [
        {
            "snapshot_id": closing.snapshot_id,
            "as_of": closing.as_of,
            "published_at": closing.published_at,
            "inputs_hash": closing.inputs_hash,
            "code_version": closing.code_version,
        }
        for closing in published
    ]
    if as_json:
        print_json(records)
    elif records:
        print_table(list(records[0]), [[as_text(value) for value in record.values()] for record in records])
    else:
        say("no snapshot is published yet; `lendhouse eod` or `lendhouse demo` ends with one")
