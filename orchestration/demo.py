"""The main job on bundled data: sources into the landing folder, the whole graph, and what came of it.

Belongs here: the order of a demo and its figures. Does not: how they are shown (cli/demo.py), any step itself.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.demo_files import DEMO_DAY, put_sources
from warehouse.contracts.table import Layer
from warehouse.home import Home
from warehouse.lake import ALIAS, Lake

if TYPE_CHECKING:
    import dagster as dg

ATTEMPTS = 3
TITLES = {
    "receive": "receive files into bronze",
    "silver__contractual_schedules": "compute contractual schedules",
    "dbt_build": "build and test silver and gold",
    "models__pd_champion": "train the default model",
    "gold__risk__score_monthly": "score every loan",
    "gold__closings": "publish the close",
}


@dataclass(frozen=True)
class Step:
    """One thing the demo did. outcome: "ok" or "failed"."""

    name: str
    title: str
    seconds: float
    outcome: str = "ok"


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


@dataclass
class Progress:
    """What happens while it happens; each call is one line or one moving bar, as the caller likes."""

    started: Callable[[str, str], None] = lambda name, title: None
    told: Callable[[str, str], None] = lambda name, message: None
    ended: Callable[[Step], None] = lambda step: None


class DemoFailed(RuntimeError):
    """A step failed; the message says which, why, and what to do."""


@dataclass
class _Clock:
    """Times steps and passes them on."""

    progress: Progress
    steps: list[Step] = field(default_factory=list)
    since: dict[str, float] = field(default_factory=dict)

    def start(self, name: str) -> None:
        self.since[name] = time.perf_counter()
        self.progress.started(name, TITLES.get(name, name))

    def end(self, name: str, outcome: str = "ok") -> None:
        seconds = round(time.perf_counter() - self.since.pop(name, time.perf_counter()), 2)
        step = Step(name, TITLES.get(name, name), seconds, outcome)
        self.steps.append(step)
        self.progress.ended(step)

    @contextlib.contextmanager
    def timed(self, name: str) -> Iterator[None]:
        self.start(name)
        try:
            yield
        except BaseException:
            self.end(name, "failed")
            raise
        self.end(name)


def run_demo(home: Home, small: bool = False, progress: Progress | None = None) -> DemoResult:
    """Build a lake in this home from the bundled data and publish it. Running it again adds no rows.

    small: a few hundred loans of each source. Raises DemoFailed when a step fails; what it had committed is kept.
    """
    began, clock = time.perf_counter(), _Clock(progress or Progress())
    with clock.timed("put bundled and simulated files into the landing folder"):
        put_sources(home, small)
    with clock.timed("load the asset graph"):
        from orchestration.definitions import build
        from orchestration.instance import open_instance

        instance, definitions = open_instance(home), build(home)
    try:
        for attempt in range(1, ATTEMPTS + 1):
            failure = materialise(definitions, instance, clock, home.root / "logs" / "demo.log")
            if failure is None:
                return summary(home, instance, clock.steps, time.perf_counter() - began)
            # Another program received rows meanwhile: what was built is one step behind them, so build again.
            if "BronzeMoved" not in failure or attempt == ATTEMPTS:
                raise DemoFailed(failure)
        raise AssertionError("unreachable")
    finally:
        instance.dispose()


def materialise(definitions: dg.Definitions, instance: dg.DagsterInstance, clock: _Clock, log: Path) -> str | None:
    """Run the whole graph in this process, as a run that Dagster's screens show; what failed, or None."""
    from dagster import DagsterRunStatus
    from dagster._core.utils import make_new_run_id

    from orchestration.instance import this_process

    run_id = make_new_run_id()
    ahead = threading.Thread(target=_import_for_models, name="import-ahead", daemon=True)
    instance.add_event_listener(run_id, lambda entry: _heard(entry, clock, ahead))
    # dagster-dbt repeats dbt's log on standard output, which belongs to the result.
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file, contextlib.redirect_stdout(file):
        result = definitions.resolve_job_def("daily").execute_in_process(
            instance=instance,
            partition_key=DEMO_DAY.isoformat(),
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={**this_process(), "lendhouse/why": "demo", ".dagster/repository": "__repository__@lendhouse"},
        )
    run = instance.get_run_by_id(run_id)
    if result.success and run is not None and run.status == DagsterRunStatus.SUCCESS:
        return None
    return _failure(result.all_events)


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
            if table != "closings"  # a snapshot is published by a row that is not yet in it
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


def _import_for_models() -> None:
    """Import what training needs; called while dbt works in its own process and this one only waits for it."""
    for name in ("sklearn.metrics", "xgboost", "mlflow.xgboost"):
        importlib.import_module(name)
    logging.getLogger("mlflow").setLevel(logging.WARNING)  # "Created version…" would run into the progress display


def _heard(entry: Any, clock: _Clock, ahead: threading.Thread) -> None:
    """Turn one Dagster event into progress."""
    event = entry.dagster_event
    if event is None or event.step_key is None:
        return
    if event.is_step_start:
        clock.start(event.step_key)
        if event.step_key == "dbt_build":
            ahead.start()
        elif ahead.is_alive():
            ahead.join()  # two threads never import the same modules at once
    elif event.is_step_success or event.is_step_skipped:
        clock.end(event.step_key)
    elif event.is_step_failure:
        clock.end(event.step_key, "failed")
    elif event.is_step_materialization and event.asset_key is not None:
        clock.progress.told(event.step_key, event.asset_key.to_user_string())


def _failure(events: list[Any]) -> str:
    """The first failed step with the innermost cause, which is the one that says what to do."""
    for event in events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            title = TITLES.get(event.step_key, event.step_key)
            return f"{title} failed: {error.message.strip() if error is not None else 'no reason was given'}"
    skipped = [event.step_key for event in events if event.is_step_skipped]
    failed = [
        event.asset_check_evaluation_data.check_name
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
    ]
    return f"a blocking check failed ({', '.join(failed) or 'unknown'}), so these did not run: {', '.join(skipped)}"


def _stored_tables(connection: Any, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by 1", [ALIAS, schema]
    ).fetchall()
    return [row[0] for row in rows]


def _count(connection: Any, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
