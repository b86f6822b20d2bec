"""`lendhouse up` for real: four answers, and nothing left behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestration.services import answers, is_free
from warehouse.home import Home

START_SECONDS = 180
STOP_SECONDS = 20


@pytest.fixture
def ports() -> dict[str, int]:
    with socket.socket() as a, socket.socket() as b, socket.socket() as c, socket.socket() as d:
        for probe in (a, b, c, d):
            probe.bind(("127.0.0.1", 0))
        return dict(
            zip(("api", "dashboards", "dagster", "mlflow"), (p.getsockname()[1] for p in (a, b, c, d)), strict=True)
        )


@pytest.fixture
def up(home: Home, ports: dict[str, int], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    flags = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    command = [sys.executable, "-m", "orchestration.cli.main", "up", "--json", *flags]
    with (tmp_path / "up.err").open("w") as errors:
        process = subprocess.Popen(
            ["env", f"LENDHOUSE_HOME={home.root}", *command], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    yield process
    process.kill()
    process.wait()


def said(process: subprocess.Popen[str]) -> dict[str, str]:
    """The one JSON document it prints when all answer."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            break
    return dict(json.loads("".join(lines)))


@pytest.mark.slow
@pytest.mark.timeout(START_SECONDS + STOP_SECONDS + 30)
def test_all_four_answer_and_interrupt_stops_all(home: Home, up: subprocess.Popen[str], ports: dict[str, int]) -> None:
    addresses = said(up)
    assert all(answers(addresses[name]) for name in ports)
    assert "token" not in addresses
    assert Path(addresses["token_file"]).stat().st_mode & 0o077 == 0
    family = psutil.Process(up.pid).children(recursive=True)

    began = time.monotonic()
    up.send_signal(signal.SIGINT)
    assert up.wait(STOP_SECONDS) == 0

    assert time.monotonic() - began < STOP_SECONDS
    assert [member for member in family if member.is_running() and member.status() != psutil.STATUS_ZOMBIE] == []
    assert all(is_free("127.0.0.1", port) for port in ports.values())


@pytest.mark.slow
@pytest.mark.timeout(START_SECONDS + STOP_SECONDS + 30)
def test_one_that_dies_is_named_and_takes_the_others_along(
    up: subprocess.Popen[str], ports: dict[str, int], tmp_path: Path
) -> None:
    said(up)
    for member in psutil.Process(up.pid).children(recursive=True):
        if "streamlit" in member.cmdline():
            member.kill()
    assert up.wait(STOP_SECONDS) == 1
    assert "dashboards ended by itself" in (tmp_path / "up.err").read_text()
    assert all(is_free("127.0.0.1", port) for port in ports.values())


def test_a_port_that_was_asked_for_and_is_taken_is_refused(home: Home) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        result = subprocess.run(
            [
                *("env", f"LENDHOUSE_HOME={home.root}", sys.executable),
                *f"-m orchestration.cli.main up --mlflow-port {port}".split(),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert result.returncode == 2
    assert f"--mlflow-port {port} is taken" in result.stderr
    assert result.stdout == ""
