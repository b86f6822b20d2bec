"""One writer at a time, over threads and processes, and never a lock that outlives its holder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from warehouse.lock import LakeBusy, holder, lake_lock

HOLD = """
import sys, time
from pathlib import Path
from warehouse.lock import lake_lock
with lake_lock(Path(sys.argv[1]), "building gold"):
    print("held", flush=True)
    time.sleep(60)
"""


def another_process_holding(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_waiter_gives_up_and_names_the_holder(tmp_path: Path) -> None:
    process = another_process_holding(tmp_path / "lake.lock")
    try:
        with (
            pytest.raises(LakeBusy, match=rf"building gold \(process {process.pid}, since"),
            lake_lock(tmp_path / "lake.lock", "ingesting", wait_seconds=0.3),
        ):
            pytest.fail("two writers at once")
    finally:
        process.kill()
        process.wait()


def test_kill_9_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lake.lock"
    process = another_process_holding(path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with lake_lock(path, "ingesting", wait_seconds=5):
        assert holder(path).pid == os.getpid()


def test_the_lock_may_be_taken_again_by_its_own_thread(tmp_path: Path) -> None:
    path = tmp_path / "lake.lock"
    with lake_lock(path, "outer"), lake_lock(path, "inner", wait_seconds=0.1):
        assert holder(path).doing == "outer"
    with lake_lock(path, "again", wait_seconds=0.1):
        assert holder(path).doing == "again"


def test_another_thread_waits_and_is_told_who_holds(tmp_path: Path) -> None:
    path = tmp_path / "lake.lock"
    said: list[str] = []

    def second() -> None:
        try:
            with lake_lock(path, "second", wait_seconds=0.2):
                said.append("entered")
        except LakeBusy as error:
            said.append(str(error))

    with lake_lock(path, "first"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(5)
    assert len(said) == 1
    assert "being written by first" in said[0]


def test_a_failed_writer_leaves_the_lock_free_and_unnamed(tmp_path: Path) -> None:
    path = tmp_path / "lake.lock"
    with pytest.raises(ZeroDivisionError), lake_lock(path, "failing"):
        raise ZeroDivisionError
    assert holder(path) is None
    started = time.monotonic()
    with lake_lock(path, "next", wait_seconds=5):
        assert time.monotonic() - started < 1


def test_two_lakes_do_not_wait_for_each_other(tmp_path: Path) -> None:
    entered = threading.Event()

    def elsewhere() -> None:
        with lake_lock(tmp_path / "b.lock", "b", wait_seconds=1):
            entered.set()

    with lake_lock(tmp_path / "a.lock", "a"):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        assert entered.wait(5)
        thread.join(5)


def test_a_spoilt_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "lake.lock"
    path.write_text(json.dumps(["not", "a", "holder"]))
    assert holder(path) is None
    with lake_lock(path, "ingesting", wait_seconds=1):
        assert holder(path).doing == "ingesting"
