"""One run of the whole graph in this process: receive, build, check, publish.

Belongs here: the run, its progress, what went wrong. Does not: what is put into the landing folder (demo.py), how
it is shown (cli/).
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

from ingestion.sources import expect_files
from orchestration.faults import words_for_text
from warehouse.home import Home
from warehouse.lake import Lake, LakeMissing

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


@dataclass
class Progress:
    """What happens while it happens; each call is one line or one moving bar, as the caller likes."""

    started: Callable[[str, str], None] = lambda name, title: None
    told: Callable[[str, str], None] = lambda name, message: None
    ended: Callable[[Step], None] = lambda step: None


class CloseFailed(RuntimeError):
    """A step failed; the message says which, why, and what to do."""


@dataclass
class Clock:
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


@contextlib.contextmanager
def opened_graph(home: Home, clock: Clock) -> Iterator[tuple[dg.Definitions, dg.DagsterInstance]]:
    """The asset graph over a home, and the Dagster instance whose screens show its runs."""
    with clock.timed("load the asset graph"):
        expect_files(home)
        from orchestration.definitions import build
        from orchestration.instance import open_instance

        instance, definitions = open_instance(home), build(home)
    try:
        yield definitions, instance
    finally:
        instance.dispose()


def close(
    home: Home, day: date, definitions: dg.Definitions, instance: dg.DagsterInstance, clock: Clock, why: str
) -> None:
    """Run the graph for one business day until it is published. Raises CloseFailed; what was committed is kept.

    A day before the last published one is refused: marts hold what is known now, which is not what was known then.
    """
    last = last_closed(Lake(home))
    if last is not None and day < last:
        raise CloseFailed(f"{day} cannot be closed: {last} is published already; close that day again, or a later one")
    for attempt in range(1, ATTEMPTS + 1):
        failure = materialise(definitions, instance, clock, day, why, home.root / "logs" / f"{why}.log")
        if failure is None:
            return
        # Another program received rows meanwhile: what was built is one step behind them, so build again.
        if "BronzeMoved" not in failure or attempt == ATTEMPTS:
            raise CloseFailed(failure)


def last_closed(lake: Lake) -> date | None:
    """The newest published business day."""
    try:
        return lake.published().as_of
    except LakeMissing:
        return None


def materialise(
    definitions: dg.Definitions, instance: dg.DagsterInstance, clock: Clock, day: date, why: str, log: Path
) -> str | None:
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
            partition_key=day.isoformat(),
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags={**this_process(), "lendhouse/why": why, ".dagster/repository": "__repository__@lendhouse"},
        )
    run = instance.get_run_by_id(run_id)
    if result.success and run is not None and run.status == DagsterRunStatus.SUCCESS:
        return None
    return _failure(result.all_events)


def _import_for_models() -> None:
    """Import what training needs; called while dbt works in its own process and this one only waits for it."""
    for name in ("sklearn.metrics", "xgboost", "mlflow.xgboost"):
        importlib.import_module(name)
    logging.getLogger("mlflow").setLevel(logging.WARNING)  # "Created version…" would run into the progress display


def _heard(entry: Any, clock: Clock, ahead: threading.Thread) -> None:
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
            reason = error.message.strip() if error is not None else "no reason was given"
            # Beside the reason, not in its place: of a step in another process only this text is known.
            return "\n".join(filter(None, [f"{title} failed: {reason}", words_for_text(reason, None)]))
    skipped = [event.step_key for event in events if event.is_step_skipped]
    failed = [
        event.asset_check_evaluation_data.check_name
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
    ]
    return f"a blocking check failed ({', '.join(failed) or 'unknown'}), so these did not run: {', '.join(skipped)}"
