"""Identifiers of people never enter as keys or in the names of files; a lender's own numbers do."""

import json
from pathlib import Path

import pytest

from ingestion.masking import safe_name
from ingestion.sources import ingest_landing
from tests.ingestion import books
from tests.ingestion.test_landing_folder import drop
from warehouse.lake import Lake

TAKEN_FOR = (
    "a PAN, Aadhaar or mobile number must not serve as a key; use a number of your own, "
    "with a letter before it if it only looks like one"
)
BORROWED = "an identifier of a known customer must not serve as a key; use a number of your own"


def everything(lake: Lake) -> str:
    connection = lake.open_reader(head=True)
    try:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'bronze'").fetchall()
        rows = [connection.execute(f"select * from lake.bronze.{name}").fetchall() for (name,) in tables]
    finally:
        connection.close()
    assert len(rows) > 10
    return json.dumps(rows, default=str)


@pytest.mark.parametrize("key", [books.MOBILE, f"91{books.MOBILE}", "98765-01234", books.aadhaar()])
def test_number_of_a_person_as_customer_key_is_refused_and_masked(lake: Lake, tmp_path: Path, key: str) -> None:
    row = books.loan(customer_id=key)
    books.take_in(lake, books.write(tmp_path, "loans.csv", row, books.loan(loan_id="L2", customer_id=f"C{key}")))
    assert books.reasons(lake) == [(1, "customer_id", f"XXXX{key[-4:]}", TAKEN_FOR)]
    assert f'"{key}"' not in everything(lake)


def test_loan_numbers_of_ten_digits_are_taken_in(lake: Lake, tmp_path: Path) -> None:
    rows = [books.loan(loan_id=number) for number in ("1000014003", "7000000001", "9876501234")]
    (landed,) = books.take_in(lake, books.write(tmp_path, "loans.csv", *rows))
    assert (landed.rows_accepted, landed.rows_quarantined) == (3, 0)


@pytest.mark.parametrize("key", [books.MOBILE, books.ACCOUNT, books.aadhaar()])
def test_loan_number_that_is_an_identifier_of_a_known_customer_is_refused(lake: Lake, tmp_path: Path, key: str) -> None:
    books.write(tmp_path, "branches.csv", books.branch())
    books.write(tmp_path, "customers.csv", books.customer())
    books.write(tmp_path, "loans.csv", books.loan(loan_id=key), books.loan(loan_id="7000000001"))
    books.take_in(lake, tmp_path)
    assert books.reasons(lake) == [(1, "loan_id", f"XXXX{key[-4:]}", BORROWED)]
    assert f'"{key}"' not in everything(lake)


def test_customer_number_that_is_an_account_number_of_the_same_file_is_refused(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "branches.csv", books.branch()))
    books.take_in(lake, books.write(tmp_path, "customers.csv", books.customer(customer_id=books.ACCOUNT)))
    assert books.reasons(lake) == [(1, "customer_id", f"XXXX{books.ACCOUNT[-4:]}", BORROWED)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("loans_9876501234.csv", "loans_XXXX1234.csv"),
        ("loans +91 98765-01234.csv", "loans +XXXX1234.csv"),
        ("customers_ABCPE1234F.xlsx", "customers_XXXX1234F.xlsx"),
        (f"events_{books.aadhaar()}.csv", f"events_XXXX{books.aadhaar()[-4:]}.csv"),
        ("events-4987 2316 5404.csv", "events-XXXX5404.csv"),
        (f"statement_{books.ACCOUNT}.csv", "statement_XXXX7891.csv"),
        *((name, name) for name in ("events_2026-10.xlsx", "loans_20261022103000.csv", "loans_202610221030.csv")),
        *((name, name) for name in ("loans_1761123456.csv", "part-0001.parquet", "loans2026a.csv")),
    ],
)
def test_names_of_files_are_kept_without_identifiers(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_nothing_that_is_kept_of_a_file_has_the_identifier_of_its_name(lake: Lake) -> None:
    drop(lake, f"{books.MOBILE}/loans_{books.MOBILE}.csv", books.loan())
    drop(lake, f"nobody_{books.PAN}.csv", books.loan())
    landed = ingest_landing(lake, books.RECEIVED_AT, validate=False)
    kept = [str(path.relative_to(lake.home.root)) for path in lake.home.root.rglob("*") if path.is_file()]
    messages = [path.read_text() for path in lake.home.rejected.rglob("*.txt")]
    assert {part.status for part in landed} == {"ACCEPTED", "REJECTED"}
    for text in (everything(lake), str(landed), *kept, *messages):
        assert books.MOBILE not in text
        assert books.PAN not in text
    assert "landed/portfolio/XXXX1234/loans_XXXX1234.csv" in kept


def test_values_of_a_file_without_a_header_do_not_enter_its_message(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(f"C1,B1,E1,INR,{books.MOBILE},{books.PAN}\n")
    (landed,) = books.take_in(lake, path)
    assert landed.status == "REJECTED"
    assert books.MOBILE not in landed.message
    assert books.PAN not in landed.message
