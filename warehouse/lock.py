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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.1

# flock belongs to the open file, not to the thread; nested and concurrent use inside one process is settled here.
_in_process = threading.RLock()
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
    """Hold the only right to write the lake. Raises LakeBusy, naming the holder, after wait_seconds."""
    with _in_process:
        if _depth.get(path, 0) > 0:
            _depth[path] += 1
            try:
                yield
            finally:
                _depth[path] -= 1
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            _acquire(file, path, wait_seconds)
            _describe(file, doing)
            _depth[path] = 1
            try:
                yield
            finally:
                _depth[path] = 0
                file.truncate(0)
                fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(file: IO[str], path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LakeBusy(
                    f"the lake is being written by {holder(path) or 'another process'}; "
                    f"waited {wait_seconds:.0f} s. Try again when it has ended."
                ) from None
            time.sleep(POLL_SECONDS)


def _describe(file: IO[str], doing: str) -> None:
    file.seek(0)
    file.truncate(0)
    file.write(
        json.dumps({"pid": os.getpid(), "doing": doing, "since": datetime.now(UTC).isoformat(timespec="seconds")})
    )
    file.flush()
