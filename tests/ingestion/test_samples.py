"""The real books: bundled samples land with their known errors refused, one by one and for the right reason."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.adapters import sba_national, uci_credit_card
from ingestion.files import Unreadable
from ingestion.landing import Landed
from ingestion.samples.make_samples import SBA_ROWS, SEED, drawn
from ingestion.sources import ingest
from tests.ingestion import books
from warehouse.home import Home
from warehouse.lake import Lake

SAMPLES = Path(sba_national.SOURCE.sample or "").parent
SBA_FILE = SAMPLES / "sba_national" / "sba_loans_sample.parquet"
UCI_FILE = SAMPLES / "uci_credit_card" / "uci_credit_card.parquet"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("samples"))}))


@pytest.fixture(scope="module")
def landed(lake: Lake) -> dict[tuple[str, str], Landed]:
    found = []
    for source, path in (("sba_national", SBA_FILE), ("uci_credit_card", UCI_FILE)):
        found += ingest(source, path, lake, books.RECEIVED_AT, validate=False)
    return {(one.source, one.table): one for one in found}


@pytest.fixture
def bronze(lake: Lake, landed: dict[tuple[str, str], Landed]) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = lake.open_reader(head=True)
    connection.execute("use lake.bronze")
    yield connection
    connection.close()


def test_sba_rows_and_sums_are_those_of_the_file(landed: dict[tuple[str, str], Landed]) -> None:
    rows = pl.read_parquet(SBA_FILE)
    applications = landed["sba_national", "applications"]
    assert applications.rows_accepted == rows.height == SBA_ROWS
    assert applications.control_total_accepted == Decimal(str(rows["GrAppv"].sum())).quantize(Decimal("0.01"))
    loans = landed["sba_national", "loans"]
    assert loans.control_total_received == Decimal(str(rows["DisbursementGross"].sum())).quantize(Decimal("0.01"))
    outcomes = landed["sba_national", "outcomes"]
    has_outcome = pl.col("MIS_Status").is_not_null() | pl.col("ChgOffDate").is_not_null()
    assert outcomes.rows_received == rows.filter(has_outcome).height


def test_sba_errors_are_refused_for_their_reason(bronze: duckdb.DuckDBPyConnection) -> None:
    rows = pl.read_parquet(SBA_FILE)
    undated = pl.col("DisbursementDate").is_null()
    is_charge_off = pl.col("MIS_Status") == "CHGOFF"
    expected = {
        ("loans", "product_code, principal, disbursed_on"): undated & (pl.col("DisbursementGross") > 0),
        ("loans", "principal"): ~undated & (pl.col("DisbursementGross") == 0),
        ("outcomes", "outcome_code, outcome_on"): is_charge_off & pl.col("ChgOffDate").is_null(),
        ("outcomes", "outcome_code"): pl.col("MIS_Status").is_null() & pl.col("ChgOffDate").is_not_null(),
    }
    found = bronze.execute(
        "select table_name, column_name, count(*) from quarantine where source = 'sba_national' group by all"
    ).fetchall()
    counts = {(table, column): count for table, column, count in found}
    assert {key: counts.get(key, 0) for key in expected} == {
        key: rows.filter(error).height for key, error in expected.items()
    }
    assert all(counts[key] for key in expected)


def sba_row(**changes: object) -> pl.DataFrame:
    row = pl.read_parquet(SBA_FILE).filter(pl.col("MIS_Status") == "CHGOFF").head(1)
    return row.with_columns(**{name: pl.lit(value) for name, value in changes.items()})


@pytest.mark.parametrize(
    ("changes", "table", "reason"),
    [
        ({"DisbursementDate": date(2020, 4, 14)}, "loans", "after 2014-12-31"),
        ({"DisbursementDate": date(1928, 6, 18)}, "loans", "more than 90 days before the approval"),
        ({"ChgOffDate": date(1926, 10, 22)}, "outcomes", "charged off before it was disbursed"),
        ({"GrAppv": -5.0}, "applications", "below the minimum of 0.01"),
        ({"GrAppv": 5.005}, "applications", "not an amount"),
        ({"LoanNr_ChkDgt": "1 2"}, "applications", "does not have the form"),
    ],
)
def test_impossible_sba_values_are_refused(tmp_path: Path, changes: dict[str, object], table: str, reason: str) -> None:
    house = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path / "house")}))
    sba_row(**changes).write_parquet(tmp_path / "one.parquet")
    ingest("sba_national", tmp_path / "one.parquet", house, books.RECEIVED_AT, validate=False)
    why = books.query(house, f"select reason from lake.bronze.quarantine where table_name = '{table}'")
    assert any(reason in text for (text,) in why), why


def test_sba_csv_lands_like_parquet(tmp_path: Path, bronze: duckdb.DuckDBPyConnection) -> None:
    house = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path / "house")}))
    pl.read_parquet(SBA_FILE).head(2000).write_csv(tmp_path / "sba.csv")
    ingest("sba_national", tmp_path / "sba.csv", house, books.RECEIVED_AT, validate=False)
    for table in ("applications", "loans", "outcomes"):
        key = "application_id" if table == "applications" else "loan_id"
        sql = f"select {key}, row_hash from {{}}{table} where source = 'sba_national' and row_number <= 2000 order by 1"
        assert books.query(house, sql.format("lake.bronze.")) == bronze.execute(sql.format("")).fetchall()


def test_sba_traps_are_handled(bronze: duckdb.DuckDBPyConnection) -> None:
    # Term is overwritten after the outcome: it must not pass for the tenure applied for.
    assert bronze.execute("select count(tenure_months) from applications where source = 'sba_national'").fetchone() == (
        0,
    )
    # A code that is neither Y nor N is unknown, not false.
    is_unknown = pl.col("RevLineCr").is_null() | ~pl.col("RevLineCr").is_in(["Y", "N"])
    unknown = pl.read_parquet(SBA_FILE).filter(is_unknown).height
    sql = "select count(*) from applications where source = 'sba_national' and is_revolving is null"
    assert bronze.execute(sql).fetchone() == (unknown,)
    # Paid in full after a charge-off: the charge-off's date is not the day of the outcome.
    sql = "select count(outcome_on) from outcomes where outcome_code = 'PAID_IN_FULL'"
    assert bronze.execute(sql).fetchone() == (0,)
    sql = "select count(*) from applications where postal_code is not null and length(postal_code) <> 5"
    assert bronze.execute(sql).fetchone() == (0,)


def test_uci_is_unpivoted_without_loss(
    landed: dict[tuple[str, str], Landed], bronze: duckdb.DuckDBPyConnection
) -> None:
    rows = pl.read_parquet(UCI_FILE)
    billed = sum(int(rows[f"BILL_AMT{n}"].sum()) for n in range(1, 7))
    paid = sum(int(rows[f"PAY_AMT{n}"].sum()) for n in range(1, 7))
    assert landed["uci_credit_card", "statements"].rows_accepted == 6 * rows.height
    assert landed["uci_credit_card", "statements"].control_total_accepted == billed
    assert landed["uci_credit_card", "events"].control_total_accepted == paid
    assert not any(one.rows_quarantined for (source, _), one in landed.items() if source == "uci_credit_card")
    sql = "select count(*), count_if(outcome_code = 'DEFAULTED') from outcomes where currency = 'TWD'"
    # 6,636 defaults: the figure of the table's own publication.
    assert bronze.execute(sql).fetchone() == (30_000, 6_636)


def test_uci_months_are_in_their_place(bronze: duckdb.DuckDBPyConnection) -> None:
    first = pl.read_parquet(UCI_FILE).row(0, named=True)
    statements = bronze.execute(
        "select statement_on, repayment_status, amount_billed, amount_paid from statements "
        "where loan_id = 'UCI-00001' order by statement_on"
    ).fetchall()
    assert [row[0].month for row in statements] == [4, 5, 6, 7, 8, 9]
    assert statements[-1][1:] == (first["PAY_0"], first["BILL_AMT1"], first["PAY_AMT1"])
    assert statements[0][1:] == (first["PAY_6"], first["BILL_AMT6"], first["PAY_AMT6"])


@pytest.mark.parametrize("adapter", [sba_national, uci_credit_card])
def test_file_without_a_column_is_refused_by_name(adapter, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    columns = {name: ["1"] for name in adapter.COLUMNS[:-1]}
    frame = pl.DataFrame(columns).with_row_index("row_number", 1)
    with pytest.raises(Unreadable, match=f"the column {adapter.COLUMNS[-1]} is missing"):
        adapter.mapped(tmp_path / "x.csv", frame)


def test_sample_is_drawn_over_all_rows_and_always_the_same() -> None:
    rows = pl.DataFrame({"n": range(1000)})
    sample = drawn(rows, 100, SEED)["n"]
    assert sample.to_list() == drawn(rows, 100, SEED)["n"].to_list() == sorted(set(sample.to_list()))
    assert 400 < sample.mean() < 600  # type: ignore[operator]


def test_bundled_sample_is_the_drawn_one() -> None:
    full = Path(__file__).resolve().parents[3] / "shared" / "data" / "sba_national" / "sba_loans.parquet"
    if not full.exists():
        pytest.skip("the full SBA table is not on this machine")
    assert pl.read_parquet(SBA_FILE).equals(drawn(pl.read_parquet(full), SBA_ROWS, SEED))
