"""kill -9 at any moment of a demo: the next run completes, and the tables equal those of an undisturbed run.

Left aside, because two undisturbed runs differ in them too: times of receipt, of checks and of publishing, ids of
MLflow runs and of snapshots.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warehouse.home import Home
from warehouse.lake import Lake, LakeMissing

KILLS = 10
SEED = int.from_bytes(os.urandom(4), "big")
ASIDE = {"received_at", "checked_at", "published_at", "released_at", "snapshot_id", "run_id"}
PATIENCE_SECONDS = 600

Tables = dict[str, list[tuple[object, ...]]]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_tables_after_ten_kills_equal_those_of_an_undisturbed_run(tmp_path: Path) -> None:
    calm, hit = house(tmp_path / "calm"), house(tmp_path / "hit")
    # Tokens of identifiers depend on the installation's own key, so both installations have the same one.
    calm.secret("token_key")
    shutil.copytree(calm.root / "secrets", hit.root / "secrets")
    seconds = undisturbed(calm)
    moments = random.Random(SEED)

    for number in range(KILLS):
        killed_after(hit, moments.uniform(0.5, seconds))
        assert readers_are_served(hit), f"kill {number} of seed {SEED} left a lake that does not open"
    undisturbed(hit)

    expected, found = tables(calm), tables(hit)
    assert found.keys() == expected.keys(), f"seed {SEED}"
    for name in expected:
        assert found[name] == expected[name], f"{name} differs, seed {SEED}"


def house(root: Path) -> Home:
    root.mkdir()
    return Home.from_environment({"LENDHOUSE_HOME": str(root)})


def started(home: Home) -> subprocess.Popen[bytes]:
    """`lendhouse demo --small` as the leader of a process group of its own."""
    command = [sys.executable, "-m", "orchestration.cli.main", "demo", "--small"]
    with (home.root / "demo.log").open("ab") as log:
        return subprocess.Popen(
            ["env", f"LENDHOUSE_HOME={home.root}", *command], stdout=log, stderr=log, start_new_session=True
        )


def undisturbed(home: Home) -> float:
    """Run to the end; the seconds it took."""
    began, process = time.monotonic(), started(home)
    try:
        status = process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
    assert status == 0, (home.root / "demo.log").read_text()[-3000:]
    return time.monotonic() - began


def killed_after(home: Home, seconds: float) -> None:
    """Start, and kill the whole family without warning after the given time, or let it end if it is quicker."""
    process = started(home)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def readers_are_served(home: Home) -> bool:
    """Whether a reader gets the published snapshot, or is told that there is none yet."""
    try:
        connection = Lake(home).open_reader()
    except LakeMissing:
        return True
    try:
        return bool(connection.execute("select count(*) from servicing__loan_latest").fetchone())
    finally:
        connection.close()


def tables(home: Home) -> Tables:
    """Every stored table of the newest commit, its rows in a fixed order, without what is left aside."""
    connection = Lake(home).open_reader(head=True)
    try:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'lake' order by all"
        ).fetchall()
        return {f"{schema}.{name}": rows_of(connection, f"lake.{schema}.{name}") for schema, name in names}
    finally:
        connection.close()


def rows_of(connection: object, table: str) -> list[tuple[object, ...]]:
    described = connection.execute(f"describe {table}").fetchall()  # type: ignore[attr-defined]
    columns = ", ".join(f'"{row[0]}"' for row in described if row[0] not in ASIDE)
    return connection.execute(f"select {columns} from {table} order by all").fetchall()  # type: ignore[attr-defined,no-any-return]
