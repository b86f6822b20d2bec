"""One simulated portfolio, made once, for the tests that only read it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from ingestion.simulator import Simulated, simulate

Read = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """20,000 loans over 24 months: two buckets."""
    return simulate(20_000, 24, 7, tmp_path_factory.mktemp("portfolio"))


@pytest.fixture(scope="session")
def read(simulated: Simulated) -> Read:
    """A table of that portfolio by name."""
    return lambda table: pl.read_parquet(simulated.out / table / "*.parquet")
