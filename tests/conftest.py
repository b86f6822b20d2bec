"""What all tests share: a house of their own, and never the user's.

Belongs here: fixtures used by more than one folder. Does not: data of one subject (its own folder's conftest.py).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything of ours is imported: whatever a test opens without being told is a throw-away folder.
_scratch = tempfile.TemporaryDirectory(prefix="lendhouse-tests-")
for _name in [name for name in os.environ if name.startswith("LENDHOUSE_") and name != "LENDHOUSE_INSTALLATION"]:
    del os.environ[_name]
os.environ["LENDHOUSE_HOME"] = _scratch.name
# As many processes run the tests as there are cores, so a second thread in each would only take turns with the others.
for _name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")

from tests.postgres import Postgres, running_postgres  # noqa: E402
from warehouse.bronze import ensure_bronze  # noqa: E402
from warehouse.home import Home  # noqa: E402
from warehouse.lake import Lake  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _duckdb_has_one_thread() -> Iterator[None]:
    """Small statements cost twice as much on two threads; programs that a test starts keep what users have."""
    with pytest.MonkeyPatch.context() as patch:
        settings = Lake.duckdb_config
        patch.setattr(Lake, "duckdb_config", lambda lake: settings(lake) | {"threads": "1"})
        yield


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The places of an empty installation."""
    return Home.from_environment({"LENDHOUSE_HOME": str(tmp_path / "house")})


@pytest.fixture
def lake(home: Home) -> Lake:
    """A lake with nothing in it."""
    return Lake(home)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that ask for a database."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def house_with_bronze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house whose lake has every bronze table and no row, made once to be copied: a third of a small load's time."""
    root = tmp_path_factory.mktemp("bronze") / "house"
    with Lake(Home.from_environment({"LENDHOUSE_HOME": str(root)})).open_writer("test") as writer:
        ensure_bronze(writer)
    return root


@pytest.fixture(scope="module", autouse=True)
def _environment_is_restored() -> Iterator[None]:
    """Loading the asset graph tells dbt its home through the environment; the next module must not inherit that."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def _scratch_is_removed() -> Iterator[None]:
    yield
    _scratch.cleanup()
