"""`lendhouse bench`: the whole way is measured, and the record says on what."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.bench.record import Laps
from tests.cli.conftest import Lendhouse
from warehouse.home import REPOSITORY, Home


def test_the_median_of_a_sum_is_taken_over_whole_repetitions() -> None:
    laps = Laps({"a": [1.0, 5.0, 2.0], "b": [10.0, 1.0, 3.0]})
    assert laps.median("a") == 2.0
    assert laps.total(("a", "b")) == 6.0


@pytest.mark.slow
def test_a_small_book_is_measured_from_file_to_gold(lendhouse: Lendhouse, home: Home, tmp_path: Path) -> None:
    sample = REPOSITORY / "ingestion" / "samples" / "sba_national" / "sba_loans_sample.parquet"
    book = tmp_path / "book.parquet"
    duckdb.execute(f"copy (from '{sample}' using sample 2000 rows (reservoir, 7)) to '{book}'")
    record = json.loads(lendhouse("bench", "sba", "--file", book, "--repeats", "1", "--json").out)
    assert record["rows"] == 2000
    assert all(seconds > 0 for seconds in record["seconds"].values())
    assert record["ratio_with_tests"] > record["ratio_to_marts"] > 1
    assert record["versions"]["duckdb"] == duckdb.__version__
    assert [json.loads(kept.read_text()) for kept in (home.root / "bench").glob("sba-*.json")] == [record]
    assert not list(home.root.glob("bench-*"))
