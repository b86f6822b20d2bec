"""The main job on bundled data: sources into the landing folder, the whole graph, and what came of it.

Belongs here: the order of a demo and its figures. Does not: how they are shown (cli/demo.py), any step itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from orchestration.close import Clock, Progress, Step, close, last_closed, opened_graph
from orchestration.demo_files import DEMO_DAY, put_sources
from warehouse.contracts.table import Layer
from warehouse.home import Home
from warehouse.lake import ALIAS, Lake

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class DemoResult:
    """What a demo made. rows: layer, table, rows. quarantined: table -> refused rows. auc: champion's, out of time.

    checks_warned: claims that do not hold and do not spread, such as a file with refused rows; checks_failed: the rest.
    """

    rows: list[dict[str, Any]]
    quarantined: dict[str, int]
    checks_passed: int
    checks_warned: list[str]
    checks_failed: list[str]
    auc: float | None
    steps: list[Step]
    seconds: float
    as_of: date
    snapshot_id: int


def run_demo(home: Home, small: bool = False, progress: Progress | None = None) -> DemoResult:
    """Build a lake in this home from the bundled data and publish it. Running it again adds no rows.

    small: a few hundred loans of each source. Raises CloseFailed when a step fails; what it had committed is kept.
    """
    began, clock = time.perf_counter(), Clock(progress or Progress())
    with clock.timed("put bundled and simulated files into the landing folder"):
        put_sources(home, small)
    with opened_graph(home, clock) as (definitions, instance):
        # a lake that went on after its first demo is closed for its own last day again
        day = max(DEMO_DAY, last_closed(Lake(home)) or DEMO_DAY)
        close(home, day, definitions, instance, clock, why="demo")
        return summary(home, instance, clock.steps, time.perf_counter() - began)


def summary(home: Home, instance: dg.DagsterInstance, steps: list[Step], seconds: float) -> DemoResult:
    """The figures of the published close."""
    from dagster import AssetKey

    lake = Lake(home)
    connection = lake.open_reader()
    try:
        rows = [
            {"layer": layer.value, "table": table, "rows": _count(connection, f"{ALIAS}.{layer.value}.{table}")}
            for layer in Layer
            for table in _stored_tables(connection, layer.value)
        ]
        quarantined = dict(
            connection.execute(
                f"select table_name, count(distinct (batch_id, row_number)) from {ALIAS}.bronze.quarantine "
                "where released_at is null group by 1 order by 1"
            ).fetchall()
        )
        closing = lake.published()
        checks = connection.execute(
            f"select asset || ': ' || check_name, is_passed, severity_code from {ALIAS}.gold.check_results "
            "where inputs_hash = ? order by all",
            [closing.inputs_hash],
        ).fetchall()
    finally:
        connection.close()
    event = instance.get_latest_materialization_event(AssetKey(["models", "pd_champion"]))
    trained = event.asset_materialization.metadata if event and event.asset_materialization else {}
    return DemoResult(
        rows=rows,
        quarantined=quarantined,
        checks_passed=sum(is_passed for _, is_passed, _ in checks),
        checks_warned=[name for name, is_passed, severity in checks if not is_passed and severity == "WARN"],
        checks_failed=[name for name, is_passed, severity in checks if not is_passed and severity != "WARN"],
        auc=float(trained["auc"].value) if "auc" in trained else None,
        steps=steps,
        seconds=round(seconds, 1),
        as_of=closing.as_of,
        snapshot_id=closing.snapshot_id,
    )


def _stored_tables(connection: Any, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by 1", [ALIAS, schema]
    ).fetchall()
    return [row[0] for row in rows]


def _count(connection: Any, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
