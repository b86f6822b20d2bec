"""A home that cannot be used: every command says so in plain words, whichever library met it first."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest

from orchestration.faults import words_for, words_for_text
from tests.cli.conftest import Lendhouse
from warehouse import lock

HOME = Path("/srv/house")
FREE = "no space is left on the disk of /srv/house; free some, or set LENDHOUSE_HOME to another place"
RIGHT = "/srv/house/a cannot be written; give yourself the right to, or set LENDHOUSE_HOME to another place"
WRITING = [("ingest", "portfolio", "--from", "."), ("eod",), ("up",), ("demo", "--small"), ("model", "train", "pd")]


@pytest.fixture
def house(lendhouse: Lendhouse, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What sets LENDHOUSE_HOME after `lendhouse` has."""
    return monkeypatch


@pytest.mark.parametrize("inside", ["", "/house"])
@pytest.mark.parametrize("words", [*WRITING, ("lake", "sql", "select 1"), ("doctor",)], ids=" ".join)
def test_a_home_that_is_a_file_is_bad_input(
    lendhouse: Lendhouse, house: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...], inside: str
) -> None:
    (tmp_path / "file").touch()
    house.setenv("LENDHOUSE_HOME", f"{tmp_path}/file{inside}")
    shown = lendhouse(*words)
    assert (shown.status, shown.out) == (2, "")
    assert f"LENDHOUSE_HOME: {tmp_path}/file is a file; name a folder" in shown.err


@pytest.mark.parametrize("words", [("ingest", "portfolio", "--from", "."), ("up",)], ids=" ".join)
def test_a_home_that_nobody_may_write_fails_with_what_to_do(
    lendhouse: Lendhouse, house: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    house.setenv("LENDHOUSE_HOME", "/sys/lendhouse")  # not even root makes a folder there
    shown = lendhouse(*words)
    assert (shown.status, shown.out) == (1, "")
    assert shown.err.endswith(
        "/sys/lendhouse cannot be written; give yourself the right to, or set LENDHOUSE_HOME to another place\n"
    )


def test_a_full_disk_fails_with_what_to_do(lendhouse: Lendhouse, house: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    house.setattr(lock, "_describe", full)
    shown = lendhouse("ingest", "portfolio", "--from", tmp_path)
    assert (shown.status, shown.out) == (1, "")
    assert "Error: no space is left on the disk of" in shown.err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FREE),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), FREE),
        (duckdb.IOException("Could not write file: No space left on device"), FREE),
        (sqlite3.OperationalError("database or disk is full"), FREE),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/house/a"), RIGHT),
        (OSError(errno.EROFS, "Read-only file system", "/srv/house/a"), RIGHT),
        (duckdb.IOException('Cannot open file "/srv/house/a": Permission denied'), RIGHT),
        (PermissionError(errno.EACCES, "Permission denied", "/mnt/b"), RIGHT.replace("/srv/house/a", "/mnt/b")),
        (sqlite3.OperationalError("disk I/O error"), "cannot be read or written; it may be full or failing"),
        (
            NotADirectoryError(errno.ENOTDIR, "Not a directory", "/srv/a/b"),
            "/srv/a/b is not a folder, or lies in a file",
        ),
    ],
)
def test_every_library_s_words_become_ours(error: Exception, words: str) -> None:
    told = words_for(error, HOME)
    assert told is not None
    assert words.replace("set LENDHOUSE_HOME to", "name") in told.replace("set LENDHOUSE_HOME to", "name")


def test_the_cause_is_found_behind_another_error() -> None:
    error = RuntimeError("the build failed")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert words_for(error, HOME) == FREE


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file"),
        RuntimeError("disk is full"),
        duckdb.BinderException("no column"),
    ],
)
def test_other_errors_are_left_alone(error: Exception) -> None:
    assert words_for(error, HOME) is None


def test_a_right_that_a_server_denies_is_no_disk() -> None:
    assert words_for_text("permission denied for table loans", HOME) is None


def test_a_portfolio_is_not_written_into_a_file(lendhouse: Lendhouse, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shown = lendhouse("simulate", "--loans", "2", "--months", "2", "--out", tmp_path / "file" / "x")
    assert (shown.status, shown.out) == (2, "")
    assert "--out: " in shown.err
