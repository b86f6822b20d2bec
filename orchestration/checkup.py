"""Checks of one installation: what is found, whether it is fine, and how to mend it.

Belongs here: looking. Does not: changing anything, or printing (cli/doctor.py).
"""

from __future__ import annotations

import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from orchestration.faults import words_for
from warehouse.extensions import EXTENSIONS, check
from warehouse.home import REPOSITORY, Home
from warehouse.lake import ALIAS, Lake, LakeMissing
from warehouse.lock import holder

PYTHONS = ((3, 11), (3, 14))
DISK_GB = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?: ; (.*?))?(?: \\)?$", re.M)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. mend: what to do when it is not fine; a note when it is fine all the same."""

    name: str
    found: str
    is_fine: bool = True
    mend: str = ""


def checkup(home: Home) -> list[Finding]:
    """Every check, in the order in which one thing needs another. A check that breaks is a finding itself."""
    checks: list[tuple[str, Callable[[Home], Finding]]] = [
        ("python", lambda _: python()),
        ("packages", lambda _: packages()),
        ("duckdb extensions", extensions),
        ("kernel cache", kernels),
        ("folder", folder),
        ("disk", disk),
        ("lake", lake),
        ("lake tables", lake_tables),
        ("lake writer", writer),
        ("transactional store", store),
        ("ports", lambda _: ports()),
        ("browser", lambda _: browser()),
    ]
    return [_held(name, check, home) for name, check in checks]


def _held(name: str, check: Callable[[Home], Finding], home: Home) -> Finding:
    try:
        return check(home)
    except Exception as error:
        told = words_for(error, home.root)
        return Finding(name, told or f"{type(error).__name__}: {error}", False, "run `make setup`, then look again")


def python() -> Finding:
    """The interpreter is one that the lock was made for."""
    running = ".".join(map(str, sys.version_info[:3]))
    is_fine = PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]
    return Finding("python", running, is_fine, "" if is_fine else "`make clean`, then `make setup PYTHON=python3.11`")


def packages(lock: Path = REPOSITORY / "requirements.lock") -> Finding:
    """What is installed is what the lock pins for this interpreter."""
    from packaging.markers import Marker

    pins = [(n, v) for n, v, marker in PIN.findall(lock.read_text()) if not marker or Marker(marker).evaluate()]
    wrong = [f"{name} {_installed(name)}, not {pinned}" for name, pinned in pins if _installed(name) != pinned]
    if not wrong:
        return Finding("packages", f"{len(pins)} as the lock pins them")
    shown = "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    return Finding("packages", shown, False, "`rm -f .setup/packages` and `make setup`")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def extensions(home: Home) -> Finding:
    """DuckDB's extensions are in the private folder, signed, and load."""
    import duckdb

    try:
        check(Lake(home).duckdb_config())
    except duckdb.Error as error:
        again = "`rm -rf .setup/extensions .venv/lendhouse/duckdb_extensions` and `make setup`"
        return Finding("duckdb extensions", str(error).splitlines()[0], False, again)
    return Finding("duckdb extensions", f"{', '.join(EXTENSIONS)} for DuckDB {duckdb.__version__}")


def kernels(home: Home) -> Finding:
    """The kernels are compiled as they stand now; if not, the first call compiles them and takes seconds longer."""
    from transforms.kernel_cache import kernel_cache

    if any(kernel_cache(home).rglob("*.nbi")):
        return Finding("kernel cache", "warm")
    return Finding("kernel cache", "cold", False, "`make setup` compiles the kernels ahead")


def folder(home: Home) -> Finding:
    """LENDHOUSE_HOME can be written, or made."""
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        mend = f"give yourself the right to write {place}, or set LENDHOUSE_HOME to another folder"
        return Finding("folder", f"{home.root}: {error.strerror}", False, mend)
    return Finding("folder", f"{home.root} " + ("is writable" if place == home.root else "can be made"))


def disk(home: Home) -> Finding:
    """There is room for builds: a build writes new files before old ones go."""
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    free = shutil.disk_usage(place).free / 1e9
    mend = f"free some space on {place}, or set LENDHOUSE_HOME to another disk"
    return Finding("disk", f"{free:.0f} GB free", free >= DISK_GB, "" if free >= DISK_GB else mend)


def lake(home: Home) -> Finding:
    """The catalog answers and something is published; a lake that is not made yet is no fault."""
    kind = "PostgreSQL" if home.lake_catalog_url.startswith("postgres") else "SQLite"
    try:
        closing = Lake(home).published()
    except LakeMissing as missing:
        return Finding("lake", f"{kind} catalog: {missing}")
    except Exception as error:
        mend = "start the catalog's server and check LENDHOUSE_LAKE_CATALOG_URL; a SQLite catalog: restore its file"
        return Finding("lake", f"{kind} catalog: {words_for(error, home.root) or error}", False, mend)
    return Finding("lake", f"{kind} catalog, business day {closing.as_of} published as snapshot {closing.snapshot_id}")


def lake_tables(home: Home) -> Finding:
    """The tables of the lake have the columns that this version's contracts declare."""
    from warehouse.contracts import registry

    try:
        connection = Lake(home).open_reader(head=True)
    except LakeMissing:
        return Finding("lake tables", "none yet")
    rows = connection.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns() "
        f"where database_name = '{ALIAS}' group by all"
    ).fetchall()
    connection.close()
    stored = {f"{schema}.{name}": set(columns) for schema, name, columns in rows}
    known = [table for table in registry.tables() if table.qualified in stored]
    differ = sorted(t.qualified for t in known if {f.name for f in t.stored_fields()} != stored[t.qualified])
    if not differ:
        return Finding("lake tables", f"{len(known)} as the contracts declare them")
    mend = "built by another version; `lendhouse eod` builds silver and gold anew, bronze needs a new LENDHOUSE_HOME"
    return Finding("lake tables", f"other columns than declared: {', '.join(differ)}", False, mend)


def writer(home: Home) -> Finding:
    """Who holds the right to write; somebody may."""
    busy = holder(home.lake_lock)
    return Finding("lake writer", f"being written by {busy}" if busy else "nobody is writing")


def store(home: Home) -> Finding:
    """The transactional store answers and is at the revision this version knows."""
    from warehouse.oltp.engine import make_engine, store_url
    from warehouse.oltp.migrate import newest, revision_of

    url = store_url(home.oltp_url)
    absent = Finding("transactional store", "not made yet; `lendhouse up` makes it")
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return absent
    engine = make_engine(home.oltp_url)
    try:
        found = revision_of(engine)
    except Exception as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return Finding("transactional store", reason, False, "start its server and check LENDHOUSE_OLTP_URL")
    finally:
        engine.dispose()
    if found is None or found == newest():
        return absent if found is None else Finding("transactional store", f"revision {found}")
    mend = "`lendhouse up` brings it to this version" if found < newest() else "made by a newer Lendhouse: update"
    return Finding("transactional store", f"revision {found}, this version knows {newest()}", found < newest(), mend)


def ports() -> Finding:
    """The usual ports; a taken one is no fault, `lendhouse up` moves to the next free one."""
    from orchestration.up import PORTS

    taken = [f"{port} ({name})" for name, port in PORTS.items() if _is_taken(port)]
    if not taken:
        return Finding("ports", f"{', '.join(str(port) for port in PORTS.values())} are free")
    return Finding("ports", f"taken: {', '.join(taken)}", True, "`lendhouse up` is running, or will use the next ones")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def browser() -> Finding:
    """Chromium, for the tests that open pages only."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    note = "optional: `make test-browser` skips without it (Debian: chromium, chromium-driver)"
    return Finding("browser", found or "no Chromium", True, "" if found else note)
