"""When the graph runs by itself.

Belongs here: jobs and schedules. Does not: runs that an arrival asks for (sensors.py).
"""

from __future__ import annotations

import dagster as dg

from orchestration.partitions import TIMEZONE, business_day, last_ended

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    partitions_def=business_day,
    description="Receive what has arrived, rebuild what follows from it, check it, and publish the close of a day.",
    tags={"lendhouse/why": "close"},
)


@dg.schedule(
    job=daily,
    cron_schedule="30 0 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Closes yesterday, half an hour after midnight in India.",
)
def close_of_yesterday(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One run a day, for the last business day that has ended."""
    day = last_ended(context.scheduled_execution_time).isoformat()
    return dg.RunRequest(run_key=day, partition_key=day)
