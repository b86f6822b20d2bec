"""Long-running programs as one family: started together, watched, stopped together.

Belongs here: processes, ports, waiting, stopping. Does not: which programs there are (up.py).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

POLL_SECONDS = 0.2
STOP_SECONDS = 8.0
KILL_SECONDS = 5.0
LINES_SHOWN = 15


class ServiceFailed(RuntimeError):
    """A program ended by itself, or did not answer in time."""


@dataclass(frozen=True)
class Service:
    """One program. answers: the address that must answer before it counts as up; None when it serves nothing.

    first: start and wait for it before the others, because they need it. environment: added to our own.
    """

    name: str
    command: Sequence[str]
    log: Path
    answers: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Family:
    """The running programs, each the leader of its own process group so that its children end with it."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    def start(self, service: Service) -> None:
        """Start one program; its output goes to its log, the log of the time before is kept as <log>.before."""
        service.log.parent.mkdir(parents=True, exist_ok=True)
        if service.log.exists():
            service.log.replace(service.log.with_suffix(".log.before"))
        with service.log.open("wb") as log:
            self.processes[service.name] = subprocess.Popen(
                list(service.command),
                # Never as words of the command: every user of the machine may read those, and URLs hold passwords.
                env={**os.environ, **service.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        self.services[service.name] = service

    def wait_until_up(self, timeout_seconds: float, told: Callable[[str], None]) -> None:
        """Wait until every program answers. Raises ServiceFailed naming the one that ended or stayed silent."""
        waiting = {name for name, service in self.services.items() if service.answers}
        deadline = time.monotonic() + timeout_seconds
        while waiting:
            self.check()
            for name in sorted(waiting):
                if answers(self.services[name].answers or ""):
                    waiting.discard(name)
                    told(name)
            if waiting and time.monotonic() > deadline:
                name = sorted(waiting)[0]
                raise ServiceFailed(f"{name} did not answer within {timeout_seconds:.0f} s.{self._last_words(name)}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raises ServiceFailed when a program has ended."""
        for name, process in self.processes.items():
            status = process.poll()
            if status is not None:
                raise ServiceFailed(f"{name} ended by itself (status {status}).{self._last_words(name)}")

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End all programs and their children: asked first, killed after the given seconds."""
        for number, allowed in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILL_SECONDS)):
            deadline = time.monotonic() + allowed
            for process in self.processes.values():
                _signal_group(process, number)
            while time.monotonic() < deadline and any(_group_lives(process) for process in self.processes.values()):
                time.sleep(POLL_SECONDS)

    def _last_words(self, name: str) -> str:
        log = self.services[name].log
        lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:] if log.exists() else []
        return "\n".join(["", *(f"    {line}" for line in lines), f"The whole log: {log}"])


def answers(url: str) -> bool:
    """Whether a web server answers there, whatever it says; a proxy of the environment is not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as reply:
            return bool(reply.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wanted: int, taken: Sequence[int] = (), tries: int = 50) -> int:
    """The wanted port, or the next free one after it. Raises ServiceFailed when there is none near."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        if port not in taken and is_free(host, port):
            return port
    raise ServiceFailed(f"no free port between {wanted} and {wanted + tries - 1} on {host}")


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()  # takes an ended leader away, so that only living members keep the group
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end_with_parent() -> None:
    """In the child, before its program: let the kernel end it when we are killed without a chance to stop it."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
