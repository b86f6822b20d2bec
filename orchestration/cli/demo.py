"""`lendhouse demo`: the main job on bundled data, and what to open afterwards."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from orchestration.cli.display import Display
from orchestration.cli.output import json_option, print_json, print_table

OPEN = [
    (
        "lendhouse up",
        "serves the screens: dashboards on :8501, Dagster's asset graph on :3000, MLflow on :5000, API on :8000",
    ),
    ('lendhouse lake sql "select * from servicing__delinquency_monthly limit 10"', "asks gold"),
    (
        'lendhouse lake sql "select table_name, reason, count(*) from lake.bronze.quarantine group by all"',
        "why rows were refused",
    ),
]


@click.command("demo", epilog="Example: lendhouse demo --small")
@click.option("--small", is_flag=True, help="A few hundred loans of each source: for a first look or a slow machine.")
@json_option
def command(small: bool, as_json: bool) -> None:
    """Build a lake from the bundled real loans and a simulated portfolio: every asset, check and model.

    Safe to repeat and to interrupt: the same files change nothing, and whatever was committed is kept.
    """
    from orchestration.close import CloseFailed
    from orchestration.demo import run_demo
    from warehouse.home import Home

    home = Home.from_environment()
    try:
        with Display() as progress:
            result = run_demo(home, small, progress)
    except CloseFailed as failure:
        raise click.ClickException(
            f"{failure}\nWhat was committed before is kept; run `lendhouse demo` again once the cause is gone. "
            f"`lendhouse doctor` checks the installation, `lendhouse up` shows the failed run under Dagster's Runs."
        ) from None
    shown = {**asdict(result), "data_docs": str(home.data_docs / "index.html"), "open": [line for line, _ in OPEN]}
    print_json(shown) if as_json else _print(shown)


def _print(result: dict[str, Any]) -> None:
    """The demo's figures as tables."""
    print_table(["layer", "table", "rows"], [list(row.values()) for row in result["rows"]], "Rows")
    print()
    print_table(["step", "seconds"], [[step["title"], step["seconds"]] for step in result["steps"]], "Time")
    print()
    warned, failed = result["checks_warned"], result["checks_failed"]
    refused = ", ".join(f"{table} {rows}" for table, rows in result["quarantined"].items()) or "none"
    figures = [
        ["rows quarantined", f"{sum(result['quarantined'].values())} ({refused})"],
        ["checks passed", f"{result['checks_passed']} of {result['checks_passed'] + len(warned) + len(failed)}"],
        *(["check warns", f"{name} (refused rows are in quarantine)"] for name in warned),
        *(["check failed", name] for name in failed),
        ["default model, AUC out of time", "none" if result["auc"] is None else f"{result['auc']:.3f}"],
        ["published", f"snapshot {result['snapshot_id']}, business day {result['as_of']}"],
        ["seconds in all", result["seconds"]],
    ]
    print_table(["", ""], figures, "Outcome")
    print()
    opened = [*OPEN, (result["data_docs"], "what Great Expectations saw in each batch; opens in a browser")]
    print_table(["what to open", ""], opened)
