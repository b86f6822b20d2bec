"""Arrivals ask for one run each; nothing new asks for none."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build
from orchestration.instance import open_instance
from orchestration.partitions import last_ended
from orchestration.resources import now
from warehouse.home import Home


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


def test_the_day_that_ended_is_counted_in_india() -> None:
    from datetime import UTC, date, datetime

    assert last_ended(datetime(2026, 11, 1, 18, 29, tzinfo=UTC)) == date(2026, 10, 31)
    assert last_ended(datetime(2026, 11, 1, 18, 31, tzinfo=UTC)) == date(2026, 11, 1)
