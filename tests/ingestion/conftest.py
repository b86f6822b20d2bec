"""The lake that files are received into: its bronze tables are there, and empty."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture
def lake(house_with_bronze: Path, home: Home) -> Lake:
    """A lake of this test's own."""
    shutil.copytree(house_with_bronze, home.root)
    return Lake(home)
