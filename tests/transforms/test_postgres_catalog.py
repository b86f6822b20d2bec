"""The same book and the same dbt project on a lake whose catalog is in PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.postgres import running_postgres
from tests.transforms.books import OURS, payment, put
from transforms.books.schedules import build_contractual_schedules
from transforms.runner import run_dbt
from warehouse.home import Home
from warehouse.lake import Lake

LOAN = {"loan_id": "L1", **OURS, "principal": 100_000, "disbursed_on": "2025-01-15", "annual_rate": "0.12"}


@pytest.mark.slow
def test_dbt_builds_a_lake_with_a_postgresql_catalog(tmp_path: Path) -> None:
    with running_postgres() as server:
        settings = {"LENDHOUSE_HOME": str(tmp_path), "LENDHOUSE_LAKE_CATALOG_URL": server.new_database()}
        home = Home.from_environment(settings)
        lake = Lake(home)
        with lake.open_writer("test") as connection:
            put(connection, "loans", [LOAN | {"installments": 12}], "portfolio")
            put(connection, "events", [payment("E1", "L1", "2025-02-15", "8885.00")], "portfolio")
        build_contractual_schedules(lake)
        run_dbt(home, ["build"])
        reader = lake.open_reader(head=True)
        found = reader.execute("select status_code, dpd, principal_outstanding from servicing__loan_latest").fetchall()
        reader.close()
    assert found == [("ACTIVE", 0, Decimal("92115.00"))]
