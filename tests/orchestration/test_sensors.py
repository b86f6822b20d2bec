"""Arrivals ask for one run each; nothing new asks for none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build
from orchestration.instance import open_instance
from orchestration.partitions import last_ended
from orchestration.publish import publish
from orchestration.resources import now
from orchestration.sensors import bronze_sensor
from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("house"))})


@pytest.fixture(scope="module")
def repository(house: Home) -> dg.RepositoryDefinition:
    return build(house).get_repository_def()


def drop(home: Home, name: str, seconds_ago: float = 3600) -> Path:
    file = home.landing / "portfolio" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("loan_id\n")
    moment = time.time() - seconds_ago
    os.utime(file, (moment, moment))
    return file


def asked(
    repository: dg.RepositoryDefinition, home: Home, cursor: str | None
) -> tuple[list[dg.RunRequest], str | None]:
    """Run requests of one look into the landing folder, and the cursor afterwards."""
    with open_instance(home) as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=repository)
        data = repository.get_sensor_def("landing_folder").evaluate_tick(context)
        return list(data.run_requests or []), data.cursor


def test_an_empty_folder_asks_for_nothing(house: Home, repository: dg.RepositoryDefinition) -> None:
    assert asked(repository, house, None)[0] == []


def test_a_file_asks_once(house: Home, repository: dg.RepositoryDefinition) -> None:
    file = drop(house, "loans.csv")
    first, cursor = asked(repository, house, None)
    again, _ = asked(repository, house, cursor)
    file.unlink()
    assert [request.partition_key for request in first] == [last_ended(now()).isoformat()]
    assert again == []


def test_a_second_file_asks_again(house: Home, repository: dg.RepositoryDefinition) -> None:
    one = drop(house, "loans.csv")
    _, cursor = asked(repository, house, None)
    two = drop(house, "events.csv")
    requests, _ = asked(repository, house, cursor)
    one.unlink()
    two.unlink()
    assert len(requests) == 1


def test_a_file_that_is_still_being_written_asks_for_nothing(house: Home, repository: dg.RepositoryDefinition) -> None:
    file = drop(house, "loans.csv", seconds_ago=0)
    requests, _ = asked(repository, house, None)
    file.unlink()
    assert requests == []


def test_what_has_gone_is_forgotten(house: Home, repository: dg.RepositoryDefinition) -> None:
    file = drop(house, "loans.csv")
    _, cursor = asked(repository, house, None)
    file.unlink()
    _, cursor = asked(repository, house, cursor)
    assert cursor == "[]"


def test_names_of_files_are_not_kept_in_the_cursor(house: Home, repository: dg.RepositoryDefinition) -> None:
    file = drop(house, "loans_9876501234.csv")
    _, cursor = asked(repository, house, None)
    file.unlink()
    assert cursor is not None
    assert "9876501234" not in cursor


Looked = Callable[[str | None], tuple[list[dg.RunRequest], str | None]]


@pytest.fixture
def look(home: Home, bronze: Lake, repository: dg.RepositoryDefinition) -> Looked:
    """Run requests of one look into bronze, and the cursor afterwards."""

    def looked(cursor: str | None) -> tuple[list[dg.RunRequest], str | None]:
        with open_instance(home) as instance:
            context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=repository)
            data = bronze_sensor(home).evaluate_tick(context)
            return list(data.run_requests or []), data.cursor

    return looked


def receive(lake: Lake, batch_id: str) -> None:
    with lake.open_writer("test") as writer:
        row = [batch_id, "loans", 1]
        writer.execute("insert into lake.bronze.batches (batch_id, table_name, rows_accepted) values (?, ?, ?)", row)


def test_nothing_received_asks_for_nothing(look: Looked) -> None:
    assert look(None)[0] == []


def test_rows_loaded_but_not_built_ask_once_and_a_close_settles_them(bronze: Lake, look: Looked) -> None:
    receive(bronze, "b1")
    first, cursor = look(None)
    again, cursor = look(cursor)
    publish(bronze, last_ended(now()), None, [])
    settled, _ = look(None)
    receive(bronze, "b2")
    later, _ = look(cursor)
    assert [len(requests) for requests in (first, again, settled, later)] == [1, 0, 0, 1]
    assert first[0].partition_key == last_ended(now()).isoformat()


def test_rows_that_are_being_received_or_built_are_left_to_who_does_it(home: Home, bronze: Lake, look: Looked) -> None:
    receive(bronze, "b1")
    with open_instance(home) as instance:
        run = instance.create_run_for_job(daily_of_nothing, status=dg.DagsterRunStatus.STARTED)
        assert look(None)[0] == []
        instance.report_run_canceled(run)
    ready = subprocess.Popen([sys.executable, "-c", HOLDING, str(home.lake_lock)], stdout=subprocess.PIPE)
    assert ready.stdout is not None
    ready.stdout.readline()
    assert look(None)[0] == []
    ready.kill()
    ready.wait()
    assert len(look(None)[0]) == 1


HOLDING = """
import sys, time
from pathlib import Path
from warehouse.lock import lake_lock
with lake_lock(Path(sys.argv[1]), "an ingest"):
    print("held", flush=True)
    time.sleep(600)
"""


@dg.job(name="daily")
def daily_of_nothing() -> None:
    """A job of the name that the sensors ask for."""


def test_the_day_that_ended_is_counted_in_india() -> None:
    from datetime import UTC, date, datetime

    assert last_ended(datetime(2026, 11, 1, 18, 29, tzinfo=UTC)) == date(2026, 10, 31)
    assert last_ended(datetime(2026, 11, 1, 18, 31, tzinfo=UTC)) == date(2026, 11, 1)
