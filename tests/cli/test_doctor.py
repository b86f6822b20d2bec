"""`lendhouse doctor`: nothing wrong is told as such, and what is wrong comes with what to do."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from orchestration import checkup
from tests.cli.conftest import Lendhouse
from warehouse.home import Home
from warehouse.lake import Lake


def findings(shown: str) -> dict[str, dict[str, object]]:
    return {finding["name"]: finding for finding in json.loads(shown)}


def test_an_installation_without_a_lake_is_fine(lendhouse: Lendhouse, home: Home) -> None:
    shown = lendhouse("doctor", "--json")
    assert [name for name, finding in findings(shown.out).items() if not finding["is_fine"]] == []
    assert shown.status == 0
    assert not home.root.exists()


@pytest.mark.usefixtures("published")
def test_the_published_closing_is_told(lendhouse: Lendhouse) -> None:
    assert "business day 2026-02-28" in str(findings(lendhouse("doctor", "--json").out)["lake"]["found"])


def test_a_catalog_that_does_not_answer_is_a_finding(
    lendhouse: Lendhouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LENDHOUSE_LAKE_CATALOG_URL", f"postgresql://lender:hidden-word@/lake?host={tmp_path}")
    shown = lendhouse("doctor", "--json")
    found = findings(shown.out)["lake"]
    assert shown.status == 1
    assert not found["is_fine"]
    assert "LENDHOUSE_LAKE_CATALOG_URL" in str(found["mend"])
    assert "hidden-word" not in shown.out + shown.err


def test_a_damaged_catalog_is_a_finding_and_stops_no_other_check(lendhouse: Lendhouse, home: Home) -> None:
    file = home.root / "lake" / "catalog.sqlite"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not a database" * 100)
    shown = lendhouse("doctor", "--json")
    assert shown.status == 1
    assert not findings(shown.out)["lake"]["is_fine"]
    assert findings(shown.out)["browser"]["is_fine"]


def test_tables_of_another_version_are_a_finding(lake: Lake, lendhouse: Lendhouse) -> None:
    with lake.open_writer("a test") as connection:
        connection.execute("create table lake.bronze.loans (loan_id varchar, of_old varchar)")
    found = findings(lendhouse("doctor", "--json").out)["lake tables"]
    assert (found["is_fine"], found["found"]) == (False, "other columns than declared: bronze.loans")


def test_a_store_of_a_newer_version_is_a_finding(lendhouse: Lendhouse, home: Home) -> None:
    file = home.root / "oltp" / "lendhouse.sqlite"
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as store:
        store.execute("create table alembic_version (version_num varchar)")
        store.execute("insert into alembic_version values ('9999')")
    found = findings(lendhouse("doctor", "--json").out)["transactional store"]
    assert not found["is_fine"]
    assert "newer Lendhouse" in str(found["mend"])


def test_a_package_that_differs_from_the_lock_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "click==0.0.1 \\\n    --hash=sha256:0\nabsent-thing==1.0 ; python_version >= '3.8' \\\n    --hash=x\n"
        "only-there==1.0 ; sys_platform == 'other' \\\n    --hash=x\n"
    )
    found = checkup.packages(lock)
    assert not found.is_fine
    assert "click " in found.found
    assert "not 0.0.1" in found.found
    assert "absent-thing absent, not 1.0" in found.found
    assert "only-there" not in found.found


def test_a_cold_kernel_cache_is_told(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("warehouse.home.INSTALLATION", tmp_path)
    assert not checkup.kernels(home).is_fine


def test_people_get_a_table(lendhouse: Lendhouse) -> None:
    shown = lendhouse("doctor")
    assert "duckdb extensions" in shown.out
    assert "what to do" in shown.out
