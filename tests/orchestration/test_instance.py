"""Dagster's memory: where it is kept, and runs whose process is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration import instance as ours
from warehouse.home import Home

UNFINISHED = dg.DagsterRunStatus.STARTED


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with ours.open_instance(home) as opened:
        yield opened


@dg.op
def nothing() -> None: ...


@dg.job
def idle() -> None:
    nothing()


def started_run(instance: dg.DagsterInstance, tags: dict[str, str]) -> str:
    run = instance.create_run_for_job(idle, status=UNFINISHED, tags=tags)
    return run.run_id


def dead_process() -> dict[str, str]:
    """The tags of a process that has been and gone."""
    script = "from orchestration.instance import this_process; import json; print(json.dumps(this_process()))"
    return dict(json.loads(subprocess.check_output([sys.executable, "-c", script])))


def test_it_is_kept_in_the_home(home: Home, instance: dg.DagsterInstance) -> None:
    started_run(instance, {})
    assert (home.dagster / "dagster.yaml").exists()
    assert list((home.dagster / "storage").rglob("runs.db"))


def test_it_sends_no_telemetry(instance: dg.DagsterInstance) -> None:
    assert instance.telemetry_enabled is False


def test_one_lake_writer_at_a_time(instance: dg.DagsterInstance) -> None:
    assert instance.event_log_storage.get_pool_config().default_pool_limit == 1


def test_a_postgres_password_is_not_written_to_the_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours.importlib.util, "find_spec", lambda name: object())
    there = Home.from_environment(
        {"LENDHOUSE_HOME": str(home.root), "LENDHOUSE_DAGSTER_URL": "postgresql://u:hidden@db/dagster"}
    )
    assert "hidden" not in (ours.prepare(there) / "dagster.yaml").read_text()


def test_postgres_without_its_package_is_refused_by_name(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours.importlib.util, "find_spec", lambda name: None)
    there = Home.from_environment({"LENDHOUSE_HOME": str(home.root), "LENDHOUSE_DAGSTER_URL": "postgresql://u@db/d"})
    with pytest.raises(ValueError, match="LENDHOUSE_DAGSTER_URL needs the package dagster-postgres"):
        ours.prepare(there)


def test_a_run_of_a_killed_process_is_failed_and_its_place_freed(instance: dg.DagsterInstance) -> None:
    run_id = started_run(instance, dead_process())
    instance.event_log_storage.set_concurrency_slots(ours.LAKE_WRITER, 1)
    instance.event_log_storage.claim_concurrency_slot(ours.LAKE_WRITER, run_id, "step")

    assert ours.bury_dead_runs(instance) == [run_id]

    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.FAILURE
    info = instance.event_log_storage.get_concurrency_info(ours.LAKE_WRITER)
    assert info.active_slot_count == 0


def test_a_run_of_a_living_process_is_left_alone(instance: dg.DagsterInstance) -> None:
    run_id = started_run(instance, ours.this_process())
    assert ours.bury_dead_runs(instance) == []
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == UNFINISHED


def test_a_run_of_another_machine_is_left_alone(instance: dg.DagsterInstance) -> None:
    started_run(instance, {**dead_process(), ours.HOST_TAG: "elsewhere"})
    assert ours.bury_dead_runs(instance) == []


def test_a_reused_process_id_is_another_process() -> None:
    pid = ours.this_process()[ours.PROCESS_TAG].split(":")[0]
    assert not ours.is_alive(f"{pid}:1.00")
    assert not ours.is_alive("")
