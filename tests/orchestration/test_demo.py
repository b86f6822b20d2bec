"""The main job as people run it: figures on standard output, progress on the other, and nothing new a second time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.close import CloseFailed
from orchestration.demo import run_demo
from orchestration.demo_files import bundled, of_every_tenth_customer, place
from warehouse.home import Home
from warehouse.lake import Lake, closings


def demo(home: Home) -> dict[str, Any]:
    done = subprocess.run(
        [
            "env",
            f"LENDHOUSE_HOME={home.root}",
            sys.executable,
            "-m",
            "orchestration.cli.main",
            "demo",
            "--small",
            "--json",
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "build and test silver and gold" in done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.timeout(1300)
def test_a_second_demo_adds_no_rows_and_publishes_nothing_new(home: Home) -> None:
    first = demo(home)
    second = demo(home)

    assert second["rows"] == first["rows"]
    assert second["quarantined"] == first["quarantined"]
    assert second["snapshot_id"] == first["snapshot_id"]
    assert second["auc"] == first["auc"]
    connection = Lake(home).open_reader(head=True)
    assert len(closings(connection)) == 1
    connection.close()
    by_table = {row["table"]: row["rows"] for row in first["rows"]}
    assert min(by_table[name] for name in ("loans", "events", "servicing__loan_latest", "risk__score_monthly")) > 0
    assert first["checks_passed"] > 50
    assert first["checks_failed"] == []
    assert {name.rsplit("_", 1)[1] for name in first["checks_warned"]} <= {"contract"}


@pytest.mark.slow
def test_a_failing_step_is_named_with_its_cause(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.demo.put_sources", lambda home, small: [])

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("ingestion.sources.ingest_landing", broken)
    with pytest.raises(CloseFailed, match="receive files into bronze failed: RuntimeError: the disk is full"):
        run_demo(home, small=True)


def test_every_real_source_has_a_bundled_sample() -> None:
    assert {path.parent.name for path in bundled()} == {"sba_national", "uci_credit_card"}


def test_the_small_portfolio_is_a_part_that_refers_only_to_itself() -> None:
    whole = {
        Path("portfolio/customers/p.parquet"): pl.DataFrame({"customer_id": [f"C{n}" for n in range(20)]}),
        Path("portfolio/applications/p.parquet"): pl.DataFrame(
            {"application_id": ["A0", "A1", "A10"], "customer_id": ["C0", "C1", "C10"]}
        ),
        Path("portfolio/loans/p.parquet"): pl.DataFrame({"loan_id": ["L0", "L1"], "application_id": ["A0", "A1"]}),
        Path("portfolio/events/p.parquet"): pl.DataFrame({"event_id": ["E0", "E1"], "loan_id": ["L0", "L1"]}),
    }
    part = {name.parts[1]: frame.to_series(0).to_list() for name, frame in of_every_tenth_customer(whole).items()}
    assert part == {
        "customers": ["C0", "C10"],
        "applications": ["A0", "A10"],
        "loans": ["L0"],
        "events": ["E0"],
    }


def test_a_file_appears_whole_and_quiet(home: Home) -> None:
    from ingestion.landing_folder import waiting

    source = bundled()[0]
    place(source, home.landing / "sba_national" / source.name)
    assert [path.read_bytes() == source.read_bytes() for path in waiting(home.landing)] == [True]
