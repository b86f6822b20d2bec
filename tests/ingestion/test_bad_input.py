"""Every kind of bad input: it stops nothing else, nothing of it is half-loaded, and the message says what to do."""

import shutil
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingestion.landing import Landed
from tests.ingestion import books
from warehouse.home import Home
from warehouse.lake import Lake


def rejected(lake: Lake, path: Path) -> str:
    """The message of a file that is refused as a whole; nothing of it is in the lake."""
    (landed,) = books.take_in(lake, path)
    assert landed.status == "REJECTED"
    recorded = books.query(lake, "select status_code, message, rows_received from lake.bronze.batches")
    assert recorded == [("REJECTED", landed.message, 0)]
    return landed.message


@pytest.fixture(scope="module")
def house_with_a_loan(house_with_bronze: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house that knows one branch and one loan, made once to be copied."""
    root = tmp_path_factory.mktemp("lent") / "house"
    shutil.copytree(house_with_bronze, root)
    deliver(Lake(Home.from_environment({"LENDHOUSE_HOME": str(root)})))
    return root


@pytest.fixture
def lent(house_with_a_loan: Path, home: Home) -> Lake:
    """A lake of this test's own in which the loan of books.loan() is known."""
    shutil.copytree(house_with_a_loan, home.root)
    return Lake(home)


def deliver(lake: Lake, *payments: dict[str, object]) -> Landed:
    """What becomes of the last table of a folder with a branch, its loan and payments of it."""
    folder = lake.home.root / "in"
    books.write(folder, "branches.csv", books.branch())
    books.write(folder, "loans.csv", books.loan())
    if payments:
        books.write(folder, "events.csv", *payments)
    return books.take_in(lake, folder)[-1]


def refused(lent: Lake, *payments: dict[str, object]) -> tuple[Landed, list[tuple[object, ...]]]:
    """What becomes of payments of the loan that is known, and what quarantine says."""
    (landed,) = books.take_in(lent, books.write(lent.home.root, "events.csv", *payments))
    return landed, books.reasons(lent)


def write_xlsx(path: Path, *rows: list[object]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_broken_csv_names_the_line(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", *(books.loan(loan_id=f"L{i}") for i in range(3)))
    path.write_text(path.read_text().replace("L1,B1", "L1,B1,E9,"))
    assert rejected(lake, path) == (
        "the CSV is broken at line 3: its number of fields is not that of the header; mend it or export it again"
    )


def test_csv_cut_off_in_its_last_line_is_broken(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan(), books.loan(loan_id="L2"))
    path.write_text(path.read_text()[:-30])
    assert "broken at line 3" in rejected(lake, path)


def test_open_quotation_mark_is_broken(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "branches.csv", books.branch(branch_name='"Main'))
    path.write_text(path.read_text().replace('"""Main"', '"Main'))
    assert "a quotation mark is not closed" in rejected(lake, path)


def test_csv_that_is_not_utf8_says_so(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "branches.csv"
    path.write_bytes(books.as_csv(books.branch(branch_name="Zürich")).encode("latin-1"))
    assert "UTF-8" in rejected(lake, path)


def test_semicolons_are_named(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan())
    path.write_text(path.read_text().replace(",", ";"))
    assert rejected(lake, path) == "columns must be separated by commas; export the file again with commas"


def test_missing_column_is_named(lake: Lake, tmp_path: Path) -> None:
    row = books.loan()
    del row["branch_id"]
    path = books.write(tmp_path, "loans.csv", row)
    assert rejected(lake, path) == "the column branch_id is missing; mend the header and send the file again"


def test_misspelt_column_is_not_dropped_silently(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan(anual_rate="0.12"))
    assert "the column 'anual_rate' is unknown (did you mean annual_rate?)" in rejected(lake, path)


def test_column_named_twice_is_refused(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "loans.csv", books.loan())
    path.write_text(path.read_text().replace("branch_id", "loan_id"))
    assert "the column loan_id is there twice" in rejected(lake, path)


def test_wrong_type_shows_the_value(lent: Lake) -> None:
    landed, why = refused(lent, books.payment(), books.payment(event_id="P2", amount="8,884.88"))
    assert (landed.rows_accepted, landed.rows_quarantined) == (1, 1)
    assert (2, "amount", "8,884.88", "not an amount with a point and at most 2 decimals, such as 4707.35") in why


def test_duplicate_key_with_different_content(lent: Lake) -> None:
    rows = (books.payment(), books.payment(), books.payment(amount="1.00"))
    landed, why = refused(lent, *rows)
    assert (landed.rows_accepted, landed.rows_already_known, landed.rows_quarantined) == (1, 1, 1)
    assert why == [(3, "event_id", "P1", "the key event_id came before in this file with different content")]


def test_known_key_with_different_content_in_a_later_file(lent: Lake, tmp_path: Path) -> None:
    refused(lent, books.payment())
    later = books.write(tmp_path, "events-2.csv", books.payment(), books.payment(event_id="P2"))
    changed = books.write(tmp_path, "events-3.csv", books.payment(amount="1.00"))
    (second,) = books.take_in(lent, later)
    (third,) = books.take_in(lent, changed)
    assert (second.rows_accepted, second.rows_already_known) == (1, 1)
    assert (third.rows_accepted, third.rows_quarantined) == (0, 1)
    assert books.reasons(lent)[0][3].startswith("the key event_id was already received with different content")


def test_negative_amount(lent: Lake) -> None:
    _, why = refused(lent, books.payment(amount="-5.00"))
    assert why == [(1, "amount", "-5.00", "below the minimum of 0.01")]


def test_date_in_the_future(lent: Lake) -> None:
    _, why = refused(lent, books.payment(value_on="2026-04-01"), books.payment(event_id="P2", value_on="2026-03-31"))
    assert why == [(1, "value_on", "2026-04-01", "in the future: the file was received on 2026-03-31")]


def test_today_is_the_day_in_india(lent: Lake, tmp_path: Path) -> None:
    refused(lent, books.payment())
    path = books.write(tmp_path, "events-2.csv", books.payment(event_id="P2", value_on="2026-04-01"))
    (landed,) = books.take_in(lent, path, books.RECEIVED_AT.replace(hour=18, minute=31))
    assert landed.rows_accepted == 1


def test_unknown_loan_is_taken_in_once_the_loan_is_known(lake: Lake, tmp_path: Path) -> None:
    path = books.write(tmp_path, "events.csv", books.payment(), books.payment(event_id="P2", amount="-1"))
    (first,) = books.take_in(lake, path)
    assert (first.rows_accepted, first.rows_quarantined) == (0, 2)
    assert books.reasons(lake)[0][1:] == (
        "loan_id",
        "L1",
        "unknown loan_id: not in loans.loan_id; send that row first, then this file again",
    )
    books.take_in(lake, books.write(tmp_path, "loans.csv", books.loan()))
    (again,) = books.take_in(lake, path, books.RECEIVED_AT.replace(hour=13))
    assert (again.rows_accepted, again.rows_quarantined) == (1, 1)
    assert {row[0] for row in books.reasons(lake)} == {2}


def test_excel_with_a_title_above_the_header(lake: Lake, tmp_path: Path) -> None:
    row = books.loan()
    path = write_xlsx(tmp_path / "loans.xlsx", ["Loan book March"], list(row), list(row.values()))
    assert "two header rows: the column names are in row 2; delete the row above them" in rejected(lake, path)


def test_excel_with_labels_under_the_header(lake: Lake, tmp_path: Path) -> None:
    row = books.loan()
    labels = ["Loan", "Branch", "Entity", "Product", "Currency", "Amount", "Disbursed"]
    path = write_xlsx(tmp_path / "loans.xlsx", list(row), labels, list(row.values()))
    assert "two header rows: row 2 holds labels, not values" in rejected(lake, path)


def test_excel_as_people_send_it(lake: Lake, tmp_path: Path) -> None:
    row = {**books.loan(), "principal": 100000.5, "loan_id": 1001}
    path = write_xlsx(tmp_path / "loans_2026-03.xlsx", list(row), list(row.values()), [])
    (landed,) = books.take_in(lake, path)
    assert landed.status == "ACCEPTED"
    assert books.query(lake, "select loan_id, principal::varchar from lake.bronze.loans") == [("1001", "100000.50")]


def write_workbook(path: Path, **sheets: list[dict[str, object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)] if rows else []):
                sheet.write_row(number, 0, row)
    return path


def test_excel_with_two_filled_sheets_is_set_aside_and_names_them(lake: Lake, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "loans.xlsx", loans=[books.loan()], events=[books.payment()])
    assert rejected(lake, path) == (
        "the workbook has 2 sheets with content, and a file is one table: 'loans', 'events'; "
        "save each sheet as a file of its own named after its table, such as loans.xlsx, and delete what is no data"
    )


def test_excel_with_empty_sheets_beside_the_filled_one_is_read(lake: Lake, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "loans.xlsx", Sheet1=[], loans=[books.loan()], Sheet3=[])
    (landed,) = books.take_in(lake, path)
    assert (landed.status, landed.rows_accepted) == ("ACCEPTED", 1)


def test_excel_without_any_row_says_so(lake: Lake, tmp_path: Path) -> None:
    assert rejected(lake, write_workbook(tmp_path / "loans.xlsx", Sheet1=[])).startswith("the workbook is empty")


def test_excel_that_is_none(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "loans.xlsx"
    path.write_text("loan_id,branch_id")
    assert "the Excel file is broken or protected" in rejected(lake, path)


@pytest.mark.parametrize("name", ["loans.csv", "loans.xlsx", "loans.jsonl", "loans.parquet"])
def test_empty_file(lake: Lake, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert rejected(lake, tmp_path / name) == "the file is empty (0 bytes); send it again"


def test_header_without_rows_is_a_batch_of_none(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(",".join(books.loan()) + "\n")
    (landed,) = books.take_in(lake, path)
    assert (landed.status, landed.rows_received, landed.message) == ("ACCEPTED", 0, "the file has no rows")


def test_broken_json_line_is_named(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "loans.jsonl"
    path.write_text('{"loan_id": "L1"}\n{"loan_id": "L2"\n')
    assert rejected(lake, path).startswith("line 2 is not JSON")


def test_broken_parquet(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "loans.parquet"
    pl.DataFrame([books.loan()]).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "broken or not complete" in rejected(lake, path)


def test_file_whose_name_says_nothing(lake: Lake, tmp_path: Path) -> None:
    assert "let it begin with one of: branches," in rejected(lake, books.write(tmp_path, "march.csv", books.loan()))


def test_unknown_format(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "loans.pdf"
    path.write_text("x")
    assert "send CSV, XLSX, JSON lines or Parquet" in rejected(lake, path)


def test_one_bad_file_stops_no_other(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "branches.csv").touch()
    books.write(tmp_path, "loans/part-1.csv", books.loan())
    books.write(tmp_path, "loans/part-2.csv", books.loan(loan_id="L2", principal="x"))
    books.write(tmp_path, "events.csv", books.payment())
    statuses = [landed.status for landed in books.take_in(lake, tmp_path)]
    assert statuses == ["REJECTED", "ACCEPTED", "PARTLY", "ACCEPTED"]


def test_same_rejected_file_is_noted_once(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "loans.csv").touch()
    books.take_in(lake, tmp_path)
    books.take_in(lake, tmp_path)
    assert books.query(lake, "select count(*) from lake.bronze.batches") == [(1,)]


def test_all_reasons_of_a_row_are_listed(lake: Lake, tmp_path: Path) -> None:
    row = books.loan(product_code="BOAT", principal="", annual_rate="0.12", branch_id="")
    books.take_in(lake, books.write(tmp_path, "loans.csv", row))
    assert [why[1] for why in books.reasons(lake)] == [
        "annual_rate, installments",
        "branch_id",
        "product_code",
    ]


def test_a_column_at_fault_is_the_only_reason_it_gives(lake: Lake, tmp_path: Path) -> None:
    """No claim that sets it against other columns, and no unknown reference, drowns the fault itself."""
    rows = [
        books.loan(loan_id="L1", principal="1,00,000"),
        books.loan(loan_id="L2", annual_rate="12%", installments="12"),
        books.loan(loan_id="L3", application_id="A 404"),
        books.loan(loan_id="L4", disbursed_on="15/01/2025", first_due_on="2025-02-15", annual_rate="0.12"),
    ]
    books.take_in(lake, books.write(tmp_path, "loans.csv", *rows))
    assert [why[:2] for why in books.reasons(lake)] == [
        (1, "principal"),
        (2, "annual_rate"),
        (3, "application_id"),
        (4, "annual_rate, installments"),
        (4, "disbursed_on"),
    ]


def test_event_before_its_loan_was_disbursed_is_refused(lake: Lake) -> None:
    early = books.payment(event_id="P2", value_on="2025-01-14")
    landed = deliver(lake, books.payment(value_on="2025-01-15"), early)
    assert (landed.rows_accepted, landed.rows_quarantined) == (1, 1)
    assert books.reasons(lake) == [
        (2, "value_on", "2025-01-14", "value_on must not be before disbursed_on of its loan")
    ]


def test_event_before_the_disbursal_is_refused_when_the_loan_is_known_already(lent: Lake, tmp_path: Path) -> None:
    refused(lent, books.payment())
    early = books.payment(event_id="P2", event_type_code="charge", value_on="2024-12-31")
    (landed,) = books.take_in(lent, books.write(tmp_path, "events-2.csv", early))
    assert (landed.rows_accepted, landed.rows_quarantined) == (0, 1)


def test_events_of_a_credit_line_need_no_disbursal(lake: Lake, tmp_path: Path) -> None:
    line = books.loan(product_code="CREDIT_CARD", principal="", disbursed_on="")
    books.take_in(lake, books.write(tmp_path, "loans.csv", line))
    (landed,) = books.take_in(lake, books.write(tmp_path, "events.csv", books.payment(value_on="2020-01-01")))
    assert landed.rows_accepted == 1
