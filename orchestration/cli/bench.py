"""`lendhouse bench`: a benchmark's figures and the ratio to its floor, measured in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from orchestration.cli.output import json_option, print_json, print_table, refuse, say


@click.group("bench")
def command() -> None:
    """Measure this machine: figures and the ratio to a floor.

    \b
    Example:
      lendhouse bench sba
    """


@command.command("sba", epilog="Example: lendhouse bench sba --file sba_loans.parquet --repeats 3")
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The SBA book, Parquet or CSV (default: the bundled sample).",
)
@click.option("--repeats", type=click.IntRange(1, 25), default=3, show_default=True, help="The median of how many.")
@json_option
def sba(file: Path | None, repeats: int, as_json: bool) -> None:
    """File to gold: seconds by step, and the ratio to a bare DuckDB copy of the same file to Parquet.

    The copy and the house take turns in one run. A JSON record is kept in bench/ of LENDHOUSE_HOME.
    """
    from orchestration.bench.record import write_record
    from orchestration.bench.sba import BenchFailed, bench_sba
    from warehouse.home import Home

    home = Home.from_environment()
    try:
        record = bench_sba(home, file, repeats, say)
    except BenchFailed as failure:
        refuse(str(failure))
    path = write_record(record, home.root / "bench")
    print_json(record) if as_json else _print(record)
    say(f"record: {path}")


def _engine(name: str) -> click.Command:
    """One benchmark of the loan engine as a subcommand."""

    @command.command(name, help=ENGINE[name], epilog=f"Example: lendhouse bench {name} --loans 1000000 --repeats 3")
    @click.option("--loans", type=click.IntRange(1_000, 20_000_000), default=1_000_000, show_default=True)
    @click.option("--repeats", type=click.IntRange(1, 25), default=3, show_default=True, help="The median of how many.")
    @json_option
    def run(loans: int, repeats: int, as_json: bool) -> None:
        from orchestration.bench import loans as bench
        from orchestration.bench.record import write_record
        from warehouse.home import Home

        measured = {"schedule": bench.bench_schedule, "replay": bench.bench_replay, "eod": bench.bench_eod}[name]
        record = measured(loans, repeats, say)
        path = write_record(record, Home.from_environment().root / "bench")
        print_json(record) if as_json else _print_engine(record)
        say(f"record: {path}")

    return run


ENGINE = {
    "schedule": "Schedules of a book: built and written, beside writing the same rows and DuckDB's own copy of them.",
    "replay": "Twenty events a loan replayed and the allocations written, beside writing the same rows.",
    "eod": "The end of a day of a book in memory, beside copying its state.",
}
for _name in ENGINE:
    _engine(_name)


def _print_engine(record: dict[str, Any]) -> None:
    print_table(
        ["step", "CPU seconds"],
        list(record["cpu_seconds"].items()),
        f"{record['loans']} loans, median of {record['repeats']}, peak memory {record['peak_memory_mb']} MB",
    )
    print_table(["ratio", ""], list(record["ratios"].items()))
    if "rows_that_differ" in record:
        say(f"{record['loans_proved']} loans proved by a recursive query: {record['rows_that_differ']} rows differ")
    print_table(["", ""], [*record["machine"].items(), *record["versions"].items()], "Measured on")


def _print(record: dict[str, Any]) -> None:
    machine, versions = record["machine"], record["versions"]
    print_table(
        ["step", "seconds", "times the copy"],
        [
            [name, seconds, seconds / record["seconds"]["copy (floor)"]]
            for name, seconds in [
                *record["seconds"].items(),
                ("file to marts", record["seconds_to_marts"]),
                ("file to marts, tested", record["seconds_with_tests"]),
            ]
        ],
        f"{record['rows']} rows of {record['file']}, median of {record['repeats']}",
    )
    print_table(["", ""], [*machine.items(), *versions.items()], "Measured on")
