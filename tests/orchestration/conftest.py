"""A lake with every bronze table and no row, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.bronze import ensure_tables
from warehouse.contracts import registry
from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture(scope="session")
def house_with_bronze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bronze") / "house"
    with Lake(Home.from_environment({"LENDHOUSE_HOME": str(root)})).open_writer("test") as writer:
        ensure_tables(writer, (*registry.BRONZE, *registry.RECEIPTS))
    return root


@pytest.fixture
def bronze(house_with_bronze: Path, home: Home) -> Lake:
    """A lake of this test's own, its bronze tables empty."""
    shutil.copytree(house_with_bronze, home.root)
    return Lake(home)
