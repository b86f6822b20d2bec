"""One lake writer at a time, whatever program it is.

The lock is a kernel `flock`, so a writer that is killed frees it at once; the file's text only tells a waiter who holds
it.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.1

# flock belongs to the open file, not to the thread; nested and concurrent use inside one process is settled here.
_threads: dict[Path, threading.RLock] = defaultdict(threading.RLock)
_depth: dict[Path, int] = {}


class LakeBusy(RuntimeError):
    """Another writer held the lake for longer than the caller was willing to wait."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: process id, what it is doing, since when (UTC, ISO 8601)."""

    pid: int
    doing: str
    since: str

    def __str__(self) -> str:
        return f"{self.doing} (process {self.pid}, since {self.since})"


def holder(path: Path) -> Holder | None:
    """The last known holder; only a hint, the lock itself is the truth."""
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def lake_lock(path: Path, doing: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the only right to write the lake; a thread that holds it may take it again.

    Raises LakeBusy, naming the holder, after wait_seconds.
    """
    deadline = time.monotonic() + wait_seconds
    if not _threads[path].acquire(timeout=wait_seconds):
        raise _busy(path, wait_seconds)
    try:
        if _depth.get(path, 0) == 0:
            with _flocked(path, doing, deadline, wait_seconds):
                yield
        else:
            with _counted(path):
                yield
    finally:
        _threads[path].release()


@contextmanager
def _flocked(path: Path, doing: str, deadline: float, wait_seconds: float) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        while not _try(file):
            if time.monotonic() >= deadline:
                raise _busy(path, wait_seconds)
            time.sleep(POLL_SECONDS)
        _describe(file, doing)
        try:
            with _counted(path):
                yield
        finally:
            file.truncate(0)


@contextmanager
def _counted(path: Path) -> Iterator[None]:
    _depth[path] = _depth.get(path, 0) + 1
    try:
        yield
    finally:
        _depth[path] -= 1


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(path: Path, wait_seconds: float) -> LakeBusy:
    return LakeBusy(
        f"the lake is being written by {holder(path) or 'another process'}; "
        f"waited {wait_seconds:.0f} s. Try again when it has ended."
    )


def _describe(file: IO[str], doing: str) -> None:
    file.seek(0)
    file.truncate(0)
    file.write(
        json.dumps({"pid": os.getpid(), "doing": doing, "since": datetime.now(UTC).isoformat(timespec="seconds")})
    )
    file.flush()
