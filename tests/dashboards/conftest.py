"""What the tests of the dashboards share: one small lake for all of them, read only, and a page that is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboards import books
from warehouse.home import Home
from warehouse.lake import Closing, Lake

PAGES = Path(__file__).resolve().parents[2] / "dashboards" / "app_pages"


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Closing]:
    """The published lake of books.py; tests must not write to it."""
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("small") / "house")})
    return home, books.build(Lake(home))


@pytest.fixture
def closing(small_lake: tuple[Home, Closing], monkeypatch: pytest.MonkeyPatch) -> Closing:
    """The closing of the small lake, which the dashboards read in this test."""
    monkeypatch.setenv("LENDHOUSE_HOME", str(small_lake[0].root))
    return small_lake[1]


@pytest.fixture
def run_page() -> Callable[[str], AppTest]:
    """Runs one page file without the navigation around it."""

    def run(name: str) -> AppTest:
        return AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()

    return run
