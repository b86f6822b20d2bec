"""Running `lendhouse` as a person would, in a house of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from orchestration.cli.main import run
from warehouse.home import Home
from warehouse.lake import Lake


@dataclass(frozen=True)
class Ran:
    """Exit status, standard output and standard error of one command."""

    status: int
    out: str
    err: str


Lendhouse = Callable[..., Ran]


@pytest.fixture
def lendhouse(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lendhouse:
    """Call it with the words of a command line; the home is the test's."""
    monkeypatch.setenv("LENDHOUSE_HOME", str(home.root))

    def call(*words: str | Path) -> Ran:
        capsys.readouterr()
        status = run([str(word) for word in words])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def two_closings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a lake with two closings: one loan in the first, three in the second."""
    root = tmp_path_factory.mktemp("two_closings")
    lake = Lake(Home.from_environment({"LENDHOUSE_HOME": str(root)}))
    for closing, loans in enumerate((1, 3), start=1):
        with lake.open_writer("a test") as connection:
            connection.execute(
                "create or replace table lake.gold.loans as select 'L' || i as loan_id, "
                "(i * 1000.10)::decimal(18,2) as principal, date '2026-01-31' as disbursed_on, i > 1 as is_open, "
                f"timestamptz '2026-01-31 10:00:00+05:30' as booked_at from range(1, {loans + 1}) r(i)"
            )
            lake.publish(connection, date(2026, closing, 28), str(closing), "code")
    return root


@pytest.fixture
def published(two_closings: Path, home: Home) -> Lake:
    """A lake of the test's own with two closings; a copied folder opens like the first."""
    shutil.copytree(two_closings, home.root)
    return Lake(home)
