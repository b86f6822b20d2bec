"""Dagster's own memory of runs, checks and ticks: where it is kept, and clearing up after processes that were killed.

Belongs here: dagster.yaml, the open instance, burying dead runs. Does not: assets, schedules, sensors.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from warehouse.home import Home

LAKE_WRITER = "lake_writer"
"""The pool of everything that writes the lake; its limit is 1."""

HOST_TAG = "lendhouse/host"
PROCESS_TAG = "lendhouse/process"

UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def settings(home: Home) -> dict[str, object]:
    """What dagster.yaml says: SQLite in the home or PostgreSQL by URL, silent, one lake writer at a time.

    Raises ValueError when PostgreSQL is asked for and its package is not installed.
    """
    said: dict[str, object] = {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "freshness": {"enabled": True},
        # A whole build holds the pool, so that two builds never take turns and each publishes what it has built.
        "concurrency": {"pools": {"default_limit": 1, "granularity": "run"}, "runs": {"max_concurrent_runs": 4}},
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 180, "poll_interval_seconds": 30},
        "run_retries": {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False},
        "retention": {"sensor": {"purge_after_days": 7}, "schedule": {"purge_after_days": 90}},
        "run_launcher": {"module": "dagster", "class": "DefaultRunLauncher"},
        "sensors": {"use_threads": True, "num_workers": 2},
    }
    if home.dagster_url:
        if importlib.util.find_spec("dagster_postgres") is None:
            raise ValueError("LENDHOUSE_DAGSTER_URL needs the package dagster-postgres, which is not installed")
        # Named, not copied: a password never lands in the file.
        said["storage"] = {"postgres": {"postgres_url": {"env": "LENDHOUSE_DAGSTER_URL"}}}
    else:
        said["storage"] = {"sqlite": {"base_dir": str(home.dagster / "storage")}}
    return said


def prepare(home: Home) -> Path:
    """Write dagster.yaml when it is missing or says something else; the folder, to be used as DAGSTER_HOME."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    file = home.dagster / "dagster.yaml"
    text = "# Written by Lendhouse at each start; change it with the LENDHOUSE_* environment instead.\n"
    text += json.dumps(settings(home), indent=2) + "\n"  # every JSON document is YAML
    if not file.exists() or file.read_text() != text:
        draft = file.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(text)
        draft.replace(file)
    return home.dagster


def open_instance(home: Home) -> DagsterInstance:
    """The persistent instance of this home, with the runs of killed processes already buried."""
    folder = prepare(home)
    instance = DagsterInstance.from_config(str(folder))
    bury_dead_runs(instance)
    return instance


def this_process() -> dict[str, str]:
    """Tags by which a run's process is found again: host, and process id with its start time (ids are reused)."""
    me = psutil.Process()
    return {HOST_TAG: socket.gethostname(), PROCESS_TAG: f"{me.pid}:{me.create_time():.2f}"}


def bury_dead_runs(instance: DagsterInstance) -> list[str]:
    """Mark unfinished runs whose process on this host is gone as failed and free their places; their ids.

    A run without our tags (queued, or just being launched) is left to Dagster's own monitoring.
    """
    buried = []
    for run in instance.get_runs(filters=RunsFilter(statuses=UNFINISHED, tags={HOST_TAG: socket.gethostname()})):
        if not is_alive(run.tags.get(PROCESS_TAG, "")):
            instance.report_run_failed(run, "The process of this run was killed; what it had committed is kept.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            buried.append(run.run_id)
    return buried


def is_alive(process: str) -> bool:
    """Whether the process "<id>:<start time>" still runs; a later process with the same id is another one."""
    pid, _, started = process.partition(":")
    try:
        found = psutil.Process(int(pid))
        return f"{found.create_time():.2f}" == started and found.status() != psutil.STATUS_ZOMBIE
    except (ValueError, psutil.Error):
        return False
