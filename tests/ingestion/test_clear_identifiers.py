"""No identifier in clear anywhere under the home: lake, quarantine, Data Docs, messages, folders, logs."""

import io
import json
import logging
import zipfile
from pathlib import Path

import duckdb
import pytest

from ingestion import masking
from ingestion.sources import ingest_landing
from tests.ingestion import books
from tests.ingestion.test_landing_folder import drop
from warehouse.lake import Lake

GOOD = {"pan": books.PAN, "aadhaar": books.aadhaar(), "mobile": books.MOBILE, "account_number": books.ACCOUNT}
# Invalid ones are somebody's number with a typing error: as private as the valid ones.
BAD = {"pan": "ABCPE12345", "aadhaar": "498723165401", "mobile": "5876509999", "account_number": "50100-99887766AB"}
HIDDEN_PAN, HIDDEN_MOBILE, HIDDEN_AADHAAR = "ZZZPA9876K", "9123409876", books.aadhaar("67890123456")
CLEAR = [*GOOD.values(), *BAD.values(), HIDDEN_PAN, HIDDEN_MOBILE, HIDDEN_AADHAAR]


def deliver(lake: Lake) -> None:
    """Good and bad identifiers in their columns, and others where nobody looks for them."""
    hidden = (
        f"pays with {HIDDEN_PAN}/{HIDDEN_AADHAAR[:4]} {HIDDEN_AADHAAR[4:8]} {HIDDEN_AADHAAR[8:]}, +91 {HIDDEN_MOBILE}"
    )
    drop(
        lake,
        "branches.csv",
        books.branch(branch_name=hidden),
        books.branch(branch_id="B2", branch_name=hidden, state_code="x"),
    )
    drop(
        lake,
        "customers.csv",
        books.customer(),
        books.customer(customer_id="C2", **BAD),
        books.customer(customer_id="C3", gender_code=HIDDEN_PAN, state_code=HIDDEN_MOBILE, birth_on=HIDDEN_AADHAAR),
        books.customer(customer_id=f"C4 {HIDDEN_PAN} {HIDDEN_MOBILE}", monthly_income=f"{HIDDEN_MOBILE}x"),
        books.customer(customer_id="C5", aadhaar="4987 2316 5401"),
        books.customer(customer_id="C6", currency="USD", pan=f"{books.PAN} "),
    )
    drop(lake, "loans.csv", books.loan(), books.loan(loan_id="L2", principal="-1", scheme_code=HIDDEN_PAN))
    drop(lake, "events.csv", books.payment(payment_reference=f"UPI/{HIDDEN_MOBILE}@bank/{HIDDEN_PAN}"))
    drop(lake, "customers_2.csv", books.customer(customer_id="C1", monthly_income="5"))


def found_in(text: str) -> list[str]:
    squeezed = text.replace(" ", "").replace("-", "")
    return [clear for clear in CLEAR if clear in text or clear.replace("-", "") in squeezed]


def texts_of(path: Path) -> list[str]:
    """What a file says: a Parquet file decoded, a SQLite or other file as its bytes."""
    if path.suffix == ".parquet":
        rows = duckdb.execute("select * from read_parquet(?)", [str(path)]).fetchall()
        return [json.dumps(rows, default=str)]
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return [content.decode("utf-8", "replace"), content.decode("utf-16-le", "replace")]


def test_nothing_under_the_home_holds_one(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    deliver(lake)
    landed = ingest_landing(lake, books.RECEIVED_AT, validate=True)
    assert {one.table: one.rows_quarantined for one in landed if one.rows_quarantined}["customers"] == 4
    connection = lake.open_reader(head=True)
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
    ).fetchall()
    assert ("bronze", "quarantine") in tables
    for schema, table in tables:
        rows = connection.execute(f"select * from lake.{schema}.{table}").fetchall()
        assert found_in(json.dumps(rows, default=str)) == [], f"{schema}.{table}"
    connection.close()
    files = [path for path in lake.home.root.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".sqlite", ".html", ".json"}
    leaks = {str(path): found_in(text) for path in files for text in texts_of(path) if found_in(text)}
    assert leaks == {}
    assert found_in(caplog.text + "".join(str(one) for one in landed)) == []


def test_a_token_stands_for_its_number_and_only_under_its_key(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "branches.csv", books.branch()))
    spaced = f"{books.aadhaar()[:4]} {books.aadhaar()[4:8]}-{books.aadhaar()[8:]}"
    path = books.write(
        tmp_path,
        "customers.csv",
        books.customer(),
        books.customer(customer_id="C2", aadhaar=spaced, mobile=f"+91 {books.MOBILE}", pan=""),
    )
    books.take_in(lake, path)
    first, second = books.query(
        lake,
        "select aadhaar_token, aadhaar_last4, mobile_token, account_number_last4, pan_token "
        "from lake.bronze.customers order by customer_id",
    )
    assert first[:4] == second[:4]
    assert first[1] == books.aadhaar()[-4:]
    assert second[4] is None
    key = lake.home.secret("token_key").encode()
    assert first[0] == masking.token(key, "aadhaar", books.aadhaar())
    assert first[0] != masking.token(b"another key", "aadhaar", books.aadhaar())
    assert masking.token(key, "mobile", "9876501234") != masking.token(key, "account", "9876501234")


def test_quarantine_still_tells_which_row_and_what_is_wrong(lake: Lake, tmp_path: Path) -> None:
    books.take_in(lake, books.write(tmp_path, "branches.csv", books.branch()))
    books.take_in(lake, books.write(tmp_path, "customers.csv", books.customer(customer_id="C2", mobile="5876509999")))
    assert books.reasons(lake) == [
        (1, "mobile", "XXXX9999", "not a valid mobile number: ten digits, the first 6 to 9"),
    ]
    ((row,),) = books.query(lake, 'select "row" from lake.bronze.quarantine')
    shown = json.loads(row)
    assert (shown["customer_id"], shown["mobile"], shown["branch_id"]) == ("C2", "XXXX9999", "B1")
    assert shown["pan"].startswith("tok_")
