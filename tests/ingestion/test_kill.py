"""kill -9 at any moment of an ingestion leaves whole batches or none, and the next run completes."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ingestion import books
from warehouse.home import Home
from warehouse.lake import Lake

LOANS = 20_000
PROGRAM = """
import sys
from pathlib import Path
from datetime import datetime
from ingestion.sources import ingest_landing
from warehouse.home import Home
from warehouse.lake import Lake
ingest_landing(Lake(Home.from_environment({"LENDHOUSE_HOME": sys.argv[1]})), datetime.fromisoformat(sys.argv[2]),
               validate=False, quiet_seconds=0)
"""


def run(home: Path, kill_after: float | None) -> None:
    command = [sys.executable, "-c", PROGRAM, str(home), books.RECEIVED_AT.isoformat()]
    process = subprocess.Popen(command)
    try:
        process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return
    assert process.returncode == 0


def fill(home: Path) -> None:
    for part in range(3):
        rows = [
            books.loan(loan_id=f"L{part}-{i}", principal="x" if i % 1000 == 0 else "5.00") for i in range(LOANS // 3)
        ]
        books.write(home / "landing" / "portfolio", f"loans/part-{part}.csv", *rows)
        payments = [books.payment(event_id=f"P{part}-{i}", loan_id=f"L{part}-{i}") for i in range(1, 500)]
        books.write(home / "landing" / "portfolio", f"events/part-{part}.csv", *payments)


def contents(home: Path) -> dict[str, list[tuple[object, ...]]]:
    lake = Lake(Home.from_environment({"LENDHOUSE_HOME": str(home)}))
    return {
        table: books.query(lake, f"select * from lake.bronze.{table} order by all")
        for table in ("loans", "events", "quarantine", "batches")
    }


@pytest.mark.slow
def test_killed_runs_end_like_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    fill(undisturbed)
    started = time.monotonic()
    run(undisturbed, None)
    whole = time.monotonic() - started
    draw = random.Random(7)
    fill(killed)
    for _ in range(10):
        run(killed, draw.uniform(0.1, 1.0) * whole)
    run(killed, None)
    assert contents(killed) == contents(undisturbed)
    assert not [path for path in (killed / "landing").rglob("*") if path.is_file()]
