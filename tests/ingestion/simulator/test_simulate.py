"""The run as a whole: equal arguments give equal files, buckets stand alone, bad arguments are named."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import polars.testing
import pytest

from ingestion.simulator import Simulated, simulate
from tests.ingestion.simulator.conftest import Read
from warehouse.contracts import registry

TABLES = (
    *("branches", "schemes", "customers", "applications", "bureau_pulls", "loans", "events", "collateral"),
    *("recovery_actions", "invoices"),
)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_equal_arguments_give_equal_files(tmp_path: Path) -> None:
    for name in ("once", "again"):
        simulate(400, 12, 3, tmp_path / name)
    assert digests(tmp_path / "once") == digests(tmp_path / "again")


def test_another_seed_gives_another_portfolio(tmp_path: Path) -> None:
    for seed in (3, 4):
        simulate(400, 12, seed, tmp_path / str(seed))
    first, second = digests(tmp_path / "3"), digests(tmp_path / "4")
    assert [name for name in first if first[name] == second[name]] == ["schemes/part-00000.parquet"]


def test_a_bucket_does_not_depend_on_the_others(simulated: Simulated, tmp_path: Path) -> None:
    simulate(16_384, 24, 7, tmp_path)
    alone, together = digests(tmp_path), digests(simulated.out)
    assert alone == {name: together[name] for name in alone}


def test_every_table_has_the_contracts_columns_and_the_rows_reported(simulated: Simulated, read: Read) -> None:
    assert tuple(simulated.rows) == TABLES
    for table in TABLES:
        frame = read(table)
        assert frame.columns == [field.name for field in registry.bronze(table).fields]
        assert frame.height == simulated.rows[table] > 0
    assert simulated.rows["loans"] == 20_000


def test_csv_holds_the_same_rows(tmp_path: Path) -> None:
    for file_format in ("parquet", "csv"):
        simulate(300, 12, 3, tmp_path / file_format, file_format=file_format)
    instants = pl.selectors.datetime().dt.convert_time_zone("Asia/Kolkata").dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
    for table in TABLES:
        expected = pl.read_parquet(tmp_path / "parquet" / table / "*.parquet").with_columns(instants).cast(pl.String)
        found = pl.read_csv(tmp_path / "csv" / table / "*.csv", infer_schema=False)
        polars.testing.assert_frame_equal(found, expected)


def test_no_date_is_after_as_of_but_those_that_may_be(read: Read) -> None:
    for table in TABLES:
        frame = read(table)
        for field in registry.bronze(table).fields:
            if field.may_be_future or not frame[field.name].dtype.is_temporal():
                continue
            latest = frame.select(pl.col(field.name).cast(pl.Date).max()).item()
            assert latest is None or latest <= date(2026, 10, 31), (table, field.name)


@pytest.mark.parametrize("as_of", [date(2026, 2, 28), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 17)])
@pytest.mark.parametrize("months", [2, 7])
def test_any_day_and_any_length_will_do(as_of: date, months: int, tmp_path: Path) -> None:
    simulated = simulate(60, months, 1, tmp_path, as_of=as_of)
    events = pl.read_parquet(tmp_path / "events" / "*.parquet")
    loans = pl.read_parquet(tmp_path / "loans" / "*.parquet")
    assert simulated.rows["loans"] == 60
    assert events.filter(pl.col("value_on") > as_of).is_empty()
    assert loans.filter(pl.col("disbursed_on") > as_of).is_empty()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"loans": 0}, "loans"),
        ({"months": 0}, "months"),
        ({"seed": -1}, "seed"),
        ({"file_format": "xml"}, "file_format"),
    ],
)
def test_a_bad_argument_is_named(change: dict[str, object], named: str, tmp_path: Path) -> None:
    arguments = {"loans": 10, "months": 3, "seed": 1, "out": tmp_path} | change
    with pytest.raises(ValueError, match=f"^{named} must be"):
        simulate(**arguments)  # type: ignore[arg-type]


def test_a_month_without_a_day_to_lend_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^months must be at least 2 when as_of is before the 3rd"):
        simulate(10, 1, 1, tmp_path, as_of=date(2026, 11, 2))
    assert simulate(10, 1, 1, tmp_path, as_of=date(2026, 11, 3)).rows["loans"] == 10


def test_parts_of_another_portfolio_are_not_mixed_in(tmp_path: Path) -> None:
    simulate(50, 3, 1, tmp_path, file_format="csv")
    with pytest.raises(FileExistsError, match="another portfolio"):
        simulate(50, 3, 1, tmp_path)


def test_progress_ends_at_all_loans(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate(50, 3, 1, tmp_path, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(50, 50)]
