"""A family of programs: started together, watched, stopped together with their children."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestration.services import Family, Service, ServiceFailed, answers, free_port, is_free
from orchestration.up import PORTS, Addresses, services
from warehouse.home import Home

SERVER = "from http.server import *; HTTPServer(('127.0.0.1', {port}), SimpleHTTPRequestHandler).serve_forever()"


@pytest.fixture
def family() -> Iterator[Family]:
    family = Family()
    yield family
    family.stop(seconds=1)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, script: str, folder: Path, answers: str | None = None) -> Service:
    return Service(name, [sys.executable, "-c", script], folder / f"{name}.log", answers, {"COLOUR": "blue"})


def test_a_program_is_up_when_it_answers(family: Family, port: int, tmp_path: Path) -> None:
    told: list[str] = []
    url = f"http://127.0.0.1:{port}/"
    family.start(program("web", SERVER.format(port=port), tmp_path, url))
    family.wait_until_up(20, told.append)
    assert told == ["web"]
    assert answers(url)


def test_a_program_sees_its_environment(family: Family, tmp_path: Path) -> None:
    family.start(program("hue", "import os; print(os.environ['COLOUR'])", tmp_path))
    family.processes["hue"].wait(20)
    assert (tmp_path / "hue.log").read_text() == "blue\n"


def test_no_value_of_the_environment_is_in_the_list_of_processes(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    popen = subprocess.Popen

    def noting(words: list[str], **options: object) -> subprocess.Popen[bytes]:
        started.append(words)
        return popen(words, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "Popen", noting)
    family.start(program("hue", "import time; time.sleep(30)", tmp_path))
    assert not [word for word in started[0] if "blue" in word]


def test_passwords_of_stores_are_in_no_command(tmp_path: Path) -> None:
    settings = {
        "LENDHOUSE_HOME": str(tmp_path),
        "LENDHOUSE_MLFLOW_URL": "postgresql://ml:secret@db/mlflow",
        "LENDHOUSE_MLFLOW_ARTIFACTS": "ftp://ml:secret@files/mlflow",
    }
    where = Addresses("127.0.0.1", dict(PORTS))
    found = {one.name: one for one in services(Home.from_environment(settings), where, tmp_path / "workspace.yaml")}
    assert not [word for one in found.values() for word in one.command if "secret" in word]
    assert found["mlflow"].environment["MLFLOW_BACKEND_STORE_URI"] == settings["LENDHOUSE_MLFLOW_URL"]


def test_one_that_ends_is_named_with_its_last_words(family: Family, tmp_path: Path) -> None:
    family.start(program("frail", "print('no such table'); raise SystemExit(3)", tmp_path))
    family.processes["frail"].wait(20)
    with pytest.raises(ServiceFailed, match=r"(?s)frail ended by itself \(status 3\).*no such table.*frail\.log"):
        family.check()


def test_one_that_stays_silent_is_named(family: Family, port: int, tmp_path: Path) -> None:
    family.start(program("mute", "import time; time.sleep(60)", tmp_path, f"http://127.0.0.1:{port}/"))
    with pytest.raises(ServiceFailed, match="mute did not answer within 1 s"):
        family.wait_until_up(1, lambda name: None)


def test_stopping_ends_children_and_those_who_do_not_listen(family: Family, tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    family.start(program("stubborn", stubborn, tmp_path))
    child = int(_first_line(tmp_path / "stubborn.log"))

    family.stop(seconds=0.5)

    assert family.processes["stubborn"].poll() is not None
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_programs_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from orchestration.services import Family, Service\n"
        "family = Family()\n"
        f"family.start(Service('orphan', [sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); "
        f"time.sleep(60)'], Path({str(tmp_path)!r}) / 'orphan.log'))\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    orphan = int(_first_line(tmp_path / "orphan.log"))
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(orphan) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not psutil.pid_exists(orphan)


def test_a_taken_port_gives_way_to_the_next_free_one(port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        assert not is_free("127.0.0.1", port)
        assert free_port("127.0.0.1", port) > port


def test_a_port_that_was_given_away_is_not_given_twice(port: int) -> None:
    assert free_port("127.0.0.1", port, taken=[port]) > port


def test_nobody_answers_on_a_free_port(port: int) -> None:
    assert not answers(f"http://127.0.0.1:{port}/")


def _first_line(log: Path) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if log.exists() and "\n" in log.read_text():
            return log.read_text().splitlines()[0]
        time.sleep(0.05)
    raise AssertionError(f"{log} stayed empty; pid {os.getpid()}")
