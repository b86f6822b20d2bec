"""Batches as a whole: repeated, counted, versioned, committed at once."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import bronze, landing, sources
from ingestion.adapters.source import Mapped
from ingestion.landing import Batch, land
from tests.ingestion import books
from warehouse.contracts import registry
from warehouse.home import Home
from warehouse.lake import Lake, current_snapshot


def snapshot(lake: Lake) -> int:
    connection = lake.open_reader(head=True)
    try:
        return current_snapshot(connection)
    finally:
        connection.close()


def test_the_same_file_again_writes_nothing(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan(), books.loan(loan_id="L2", principal="-1"))
    books.take_in(lake, path)
    before = snapshot(lake)
    (again,) = books.take_in(lake, path, books.RECEIVED_AT.replace(hour=23))
    assert (again.status, again.rows_accepted, again.rows_quarantined) == ("KNOWN", 0, 1)
    assert snapshot(lake) == before


def test_the_same_rows_in_another_format_change_no_data(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "loans.csv", books.loan()))
    typed = pl.DataFrame([books.loan()]).with_columns(
        pl.col("principal").cast(pl.Float64), pl.col("disbursed_on").str.to_date()
    )
    typed.write_parquet(tmp_path / "loans-again.parquet")
    (again,) = books.take_in(lake, tmp_path / "loans-again.parquet")
    assert (again.status, again.rows_already_known) == ("KNOWN", 1)
    assert books.query(lake, "select count(*) from lake.bronze.loans") == [(1,)]


def test_masters_get_a_new_version_and_an_old_one_may_return(lake: Lake, tmp_path: Path) -> None:
    names = ["Andheri", "Andheri", "Bandra", "Andheri"]
    landed = []
    for i, name in enumerate(names):
        path = books.write(
            tmp_path, f"branches-{i}.csv", books.branch(branch_name=name), books.branch(branch_id=f"X{i}")
        )
        landed += books.take_in(lake, path, books.RECEIVED_AT.replace(hour=i + 1))
    assert [one.rows_accepted for one in landed] == [2, 1, 2, 2]
    stored = books.query(
        lake, "select branch_name from lake.bronze.branches where branch_id = 'B1' order by received_at"
    )
    assert stored == [("Andheri",), ("Bandra",), ("Andheri",)]


def test_rows_carry_where_they_came_from(lake: Lake, tmp_path: Path) -> None:
    (landed,) = books.take_in(lake, books.write(tmp_path, "loans.csv", books.loan()))
    (row,) = books.query(
        lake, "select source, batch_id, row_number, length(row_hash), received_at from lake.bronze.loans"
    )
    assert row == ("portfolio", landed.batch_id, 1, 16, books.RECEIVED_AT)


def test_control_totals_come_from_the_file(lake: Lake, tmp_path: Path) -> None:
    amounts = ["100.10", "-200.20", "0.05", "abc"]
    rows = [books.loan(loan_id=f"L{i}", principal=amount) for i, amount in enumerate(amounts)]
    (landed,) = books.take_in(lake, books.write(tmp_path, "loans.csv", *rows))
    assert (landed.control_column, landed.control_total_received) == ("principal", Decimal("-100.05"))
    assert (landed.control_total_accepted, landed.control_total_quarantined) == (Decimal("100.15"), Decimal("-200.20"))
    stored = books.query(lake, "select sum(principal) from lake.bronze.loans")
    assert stored == [(landed.control_total_accepted,)]


def test_received_at_needs_an_offset(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan())
    with pytest.raises(ValueError, match="received_at must carry an offset"):
        books.take_in(lake, path, books.RECEIVED_AT.replace(tzinfo=None))


def test_unknown_source_and_path_are_named(lake: Lake, tmp_path: Path) -> None:
    from ingestion.sources import ingest

    with pytest.raises(ValueError, match="source must be one of sba_national, uci_credit_card, portfolio, got 'x'"):
        ingest("x", tmp_path, lake, books.RECEIVED_AT)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        ingest("portfolio", tmp_path / "nothing", lake, books.RECEIVED_AT)


def loan_frame(count: int) -> pl.DataFrame:
    return pl.DataFrame([books.loan(loan_id=f"L{i}") for i in range(count)]).with_row_index("row_number", 1)


def batch(home: Home, name: str = "b") -> Batch:
    return Batch.of(home, "portfolio", name, "loans.csv", books.RECEIVED_AT)


def test_a_failure_in_the_middle_leaves_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("disk full")

    with lake.open_writer("test") as writer:
        bronze.prepare(writer, registry.bronze("loans"))
        with monkeypatch.context() as patch:
            patch.setattr(bronze, "insert_batch", fails)
            with pytest.raises(RuntimeError, match="disk full"):
                land(loan_frame(3), registry.bronze("loans"), batch(lake.home), writer)
        counts = writer.execute("select count(*), (select count(*) from lake.bronze.batches) from lake.bronze.loans")
        assert counts.fetchall() == [(0, 0)]
        landed = land(loan_frame(3), registry.bronze("loans"), batch(lake.home), writer)
    assert landed.rows_accepted == 3


def test_landing_joins_a_transaction_that_is_open(lake: Lake) -> None:
    with lake.open_writer("test") as writer:
        bronze.prepare(writer, registry.bronze("loans"))
        writer.begin()
        land(loan_frame(1), registry.bronze("loans"), batch(lake.home, "first"), writer)
        writer.rollback()
        assert writer.execute("select count(*) from lake.bronze.loans").fetchone() == (0,)
        writer.begin()
        land(loan_frame(1), registry.bronze("loans"), batch(lake.home, "second"), writer)
        writer.commit()
        assert writer.execute("select count(*) from lake.bronze.loans").fetchone() == (1,)


payments = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["P1", "P2", "P3", "P 4"]),
        "loan_id": st.sampled_from(["L1", "L2", "L9"]),
        "amount": st.sampled_from(["10.00", "20.00", "-1.00", "x", "", "0.01"]),
    }
)


@pytest.fixture(scope="module")
def shared_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for all examples of the property: each example has keys of its own."""
    return Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("property"))}))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(payments, min_size=1, max_size=6), min_size=1, max_size=3), st.uuids())
def test_rows_are_neither_lost_nor_doubled(shared_lake: Lake, drawn: list[list[dict[str, str]]], example: Any) -> None:
    """For any files in any order, given twice: received = accepted + quarantined + known, and so do the sums."""
    loans, events = registry.bronze("loans"), registry.bronze("events")

    def frame(rows: list[dict[str, Any]], *keys: str) -> pl.DataFrame:
        own = [row | {key: f"{example}-{row[key]}" for key in keys} for row in rows]
        return pl.DataFrame(own).with_row_index("row_number", 1)

    with shared_lake.open_writer("test") as writer:
        known = frame([books.loan(), books.loan(loan_id="L2")], "loan_id")
        land(known, loans, batch(shared_lake.home, f"{example}-loans"), writer)
        files = [frame([books.payment(**row) for row in rows], "event_id", "loan_id") for rows in drawn]
        batches = [batch(shared_lake.home, f"{example}-{i}") for i in range(len(files))]
        landed = [land(file, events, one, writer) for file, one in zip(files, batches, strict=True)]
        for one, rows in zip(landed, drawn, strict=True):
            assert one.rows_received == len(rows)
            assert one.rows_received == one.rows_accepted + one.rows_quarantined + one.rows_already_known
            parts = (one.control_total_accepted, one.control_total_quarantined, one.control_total_already_known)
            assert one.control_total_received == sum(part or 0 for part in parts)
        before = _of_example(writer, example)
        assert sum(one.rows_accepted for one in landed) == len(before["events"])
        assert len({row[0] for row in before["events"]}) == len(before["events"])
        again = [land(file, events, one, writer) for file, one in zip(files, batches, strict=True)]
        assert [one.rows_accepted for one in again] == [0] * len(files)
        assert _of_example(writer, example) == before


def _of_example(writer: duckdb.DuckDBPyConnection, example: Any) -> dict[str, list[Any]]:
    return {
        table: writer.execute(
            f"select * from lake.bronze.{table} where starts_with(batch_id, '{example}') order by all"
        ).fetchall()
        for table in ("events", "quarantine", "batches")
    }


def test_rows_that_do_not_add_up_are_not_committed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    examine = landing.examine
    faults: list[tuple[dict[str, Any], str]] = [
        ({"quarantined": 1}, "3 rows received, but 3 [+] 1 [+] 0 accepted, refused and known"),
        ({"accepted": pl.DataFrame({"row_number": [1, 2]})}, "3 rows received, but 2 [+] 0 [+] 0"),
        ({"totals": {"received": Decimal(3), "accepted": Decimal(2), "quarantined": Decimal(0)}}, "3 received, but 2"),
    ]
    with lake.open_writer("test") as writer:
        for fault, message in faults:
            if "totals" in fault:
                fault["totals"]["already_known"] = Decimal(0)

            def wrong(*given: Any, fault: dict[str, Any] = fault) -> Any:
                return replace(examine(*given), **fault)

            monkeypatch.setattr(landing, "examine", wrong)
            with pytest.raises(landing.Unaccounted, match=message):
                land(loan_frame(3), registry.bronze("loans"), batch(lake.home), writer)
        counts = writer.execute("select count(*), (select count(*) from lake.bronze.batches) from lake.bronze.loans")
        assert counts.fetchall() == [(0, 0)]


def test_rows_lost_by_an_adapter_stop_the_file(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = sources.SOURCES["portfolio"]

    def losing(path: Path, received: pl.DataFrame) -> tuple[Mapped, ...]:
        return (Mapped(registry.bronze("loans"), received.head(1)),)

    monkeypatch.setitem(sources.SOURCES, "portfolio", replace(portfolio, mapped=losing))
    path = books.write(tmp_path, "loans.csv", books.loan(), books.loan(loan_id="L2"))
    with pytest.raises(landing.Unaccounted, match=r"2 rows expected of 2, but 1 [+] 0 left out"):
        books.take_in(lake, path)
    assert books.query(lake, "select count(*) from lake.bronze.batches") == [(0,)]


def reversal(**changes: Any) -> dict[str, Any]:
    return books.payment(event_id="R1", event_type_code="reversal", reverses_event_id="P1", amount="", **changes)


def test_reversals_name_an_event_of_their_loan(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "loans.csv", books.loan(), books.loan(loan_id="L2")))
    rows = (
        reversal(),
        books.payment(),
        {**reversal(), "event_id": "R2", "reverses_event_id": "P9"},
        {**reversal(), "event_id": "R3", "loan_id": "L2"},
        {**reversal(), "event_id": "R4", "reverses_event_id": "R4"},
        books.payment(event_id="P5", amount="-1"),
        {**reversal(), "event_id": "R5", "reverses_event_id": "P5"},
        {**reversal(), "event_id": "R6", "reverses_event_id": "R5"},
    )
    (landed,) = books.take_in(lake, books.write(tmp_path, "events.csv", *rows), validate=True)
    assert landed.rows_accepted == 2
    disagreeing = [row for row in books.reasons(lake) if "reverses_event_id must name" in row[3]]
    assert [row[0] for row in disagreeing] == [3, 4, 5, 7, 8]
    assert disagreeing[1][1:3] == ("reverses_event_id, loan_id", "reverses_event_id=P1, loan_id=L2")
    later = books.write(tmp_path, "events-2.csv", {**reversal(), "event_id": "R7"})
    assert [one.status for one in books.take_in(lake, later)] == ["ACCEPTED"]


def test_events_have_the_currency_of_their_loan(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "loans.csv", books.loan()))
    rows = (books.payment(), books.payment(event_id="P2", currency="USD"))
    (landed,) = books.take_in(lake, books.write(tmp_path, "events.csv", *rows))
    assert (landed.rows_accepted, landed.rows_quarantined) == (1, 1)
    assert books.reasons(lake) == [
        (2, "loan_id, currency", "loan_id=L1, currency=USD", "an event must have the currency of its loan")
    ]
