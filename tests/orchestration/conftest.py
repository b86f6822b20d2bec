"""A lake with every bronze table and no row, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture
def bronze(house_with_bronze: Path, home: Home) -> Lake:
    """A lake of this test's own, its bronze tables empty."""
    shutil.copytree(house_with_bronze, home.root)
    return Lake(home)
