"""Runs that an arrival asks for: a file in the landing folder, a row in the outbox, rows that `ingest` brought.

Belongs here: looking, and asking for a run. Does not: receiving (ingestion), building (the assets).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus

from orchestration.instance import UNFINISHED
from orchestration.partitions import last_ended
from orchestration.publish import unpublished_inputs
from orchestration.resources import now
from orchestration.schedules import daily
from warehouse.home import Home
from warehouse.lake import Lake
from warehouse.lock import LakeBusy, lake_lock

EVERY_SECONDS = 30
UNDER_WAY = [DagsterRunStatus.QUEUED, *UNFINISHED]


def landing_sensor(home: Home) -> dg.SensorDefinition:
    """Asks for one run when quiet files lie in the landing folder that it has not asked for before."""

    @dg.sensor(
        job=daily,
        name="landing_folder",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Files that have arrived in landing/<source>/ and are no longer being written.",
    )
    def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from ingestion.landing_folder import waiting

        # Name, size and time, not content: the same file dropped again is asked for again, and changes nothing.
        seen = set(json.loads(context.cursor)) if context.cursor else set()
        present = {_known_as(path, home) for path in waiting(home.landing)}
        if not present - seen:
            # Forgetting what has gone keeps the cursor as small as the folder.
            context.update_cursor(json.dumps(sorted(present & seen)))
            return dg.SkipReason(f"nothing new in {home.landing}")
        return _asked("files", json.dumps(sorted(present)))

    return landing_folder


def outbox_sensor(home: Home) -> dg.SensorDefinition:
    """Asks for one run when the transactional store's outbox has rows that the lake has not received."""

    @dg.sensor(
        job=daily,
        name="outbox",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Applications and payments booked through the API and not yet in bronze.",
    )
    def outbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from ingestion.outbox import newest_position

        newest = newest_position(home)
        if newest is None or context.cursor == str(newest):
            return dg.SkipReason("nothing new in the outbox")
        return _asked("outbox", str(newest))

    return outbox


def bronze_sensor(home: Home) -> dg.SensorDefinition:
    """Asks for one run when bronze holds what the last closing was not built from, however it came there."""

    @dg.sensor(
        job=daily,
        name="bronze",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Rows in bronze that no published closing counts, such as those of `lendhouse ingest`.",
    )
    def bronze(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        lake = Lake(home)
        waiting = unpublished_inputs(lake)
        if waiting is None or context.cursor == waiting:
            return dg.SkipReason("every row in bronze is in the last closing, or its run was asked for")
        # What a build is about to publish is also newer than the last closing; and a folder is taken in file by file.
        if context.instance.get_runs(dg.RunsFilter(job_name=daily.name, statuses=UNDER_WAY), limit=1):
            return dg.SkipReason("a run is under way; what it leaves is looked at afterwards")
        try:
            with lake_lock(home.lake_lock, "looking for rows to publish", wait_seconds=0):
                return _asked("bronze", waiting)
        except LakeBusy:
            return dg.SkipReason("the lake is being written; what that leaves is looked at afterwards")

    return bronze


def _known_as(path: Path, home: Home) -> str:
    """A file as the cursor remembers it: its name may hold what must not be kept."""
    words = f"{path.relative_to(home.landing)}|{path.stat().st_size}|{path.stat().st_mtime_ns}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _asked(why: str, cursor: str) -> dg.SensorResult:
    """One run of the whole graph, publishing the last day that has ended."""
    key = f"{why}-{hashlib.sha256(cursor.encode()).hexdigest()[:16]}-{now():%Y%m%dT%H%M}"
    request = dg.RunRequest(run_key=key, partition_key=last_ended(now()).isoformat(), tags={"lendhouse/why": why})
    return dg.SensorResult(run_requests=[request], cursor=cursor)
