"""What the browser tests share: a served small lake, and a skip that nobody overlooks."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from dashboards import run
from tests.browser import chromium
from tests.dashboards import books
from warehouse.home import Home
from warehouse.lake import Lake

START_SECONDS = 60.0


@pytest.fixture(scope="session", autouse=True)
def _needs_a_browser() -> None:
    if chromium.found() is None:
        pytest.skip("NO BROWSER TEST RAN: install Chromium (Debian: chromium) and run `make test-browser` again")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboards over the small lake, on a free loopback port."""
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("served") / "house")})
    books.build(Lake(home))
    yield from serve(home, tmp_path_factory.mktemp("logs") / "dashboards.log")


@pytest.fixture(scope="session")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboards of a house without a lake."""
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("empty") / "house")})
    yield from serve(home, tmp_path_factory.mktemp("logs") / "dashboards.log")


def serve(home: Home, log: Path) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind((run.HOST, 0))
        port = taken.getsockname()[1]
    with log.open("w") as file:
        server = subprocess.Popen(run.command(port), env=run.environment(home), stdout=file, stderr=file)
    try:
        address = f"http://{run.HOST}:{port}"
        wait_for(f"{address}/_stcore/health", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the dashboards ended with code {server.returncode}: {log.read_text()}")
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS:.0f} s: {log.read_text()}")
