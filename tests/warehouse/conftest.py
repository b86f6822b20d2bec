"""The lake on both catalogs: every test that takes `lake` here runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What a deployment would set: LENDHOUSE_HOME, and the catalog's URL when it is PostgreSQL."""
    settings = {"LENDHOUSE_HOME": str(tmp_path / "house")}
    if request.param == "postgres":
        settings["LENDHOUSE_LAKE_CATALOG_URL"] = request.getfixturevalue("postgres").new_database()
    return settings


@pytest.fixture
def lake(environment: dict[str, str]) -> Lake:
    return Lake(Home.from_environment(environment))
