"""Runs that an arrival asks for: a file in the landing folder, a row in the outbox.

Belongs here: looking, and asking for a run. Does not: receiving (ingestion), building (the assets).
"""

from __future__ import annotations

import hashlib
import json

import dagster as dg

from orchestration.partitions import last_ended
from orchestration.resources import now
from orchestration.schedules import daily
from warehouse.home import Home

EVERY_SECONDS = 30


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
        present = {
            f"{p.relative_to(home.landing)}|{p.stat().st_size}|{p.stat().st_mtime_ns}" for p in waiting(home.landing)
        }
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


def _asked(why: str, cursor: str) -> dg.SensorResult:
    """One run of the whole graph, publishing the last day that has ended."""
    key = f"{why}-{hashlib.sha256(cursor.encode()).hexdigest()[:16]}-{now():%Y%m%dT%H%M}"
    request = dg.RunRequest(run_key=key, partition_key=last_ended(now()).isoformat(), tags={"lendhouse/why": why})
    return dg.SensorResult(run_requests=[request], cursor=cursor)
