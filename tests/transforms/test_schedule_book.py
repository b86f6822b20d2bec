"""The whole book's schedules: equal to the rule on one loan, replaced in one commit, set aside by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import duckdb
import pytest

from tests.transforms.books import CARDS, OURS, SBA, put
from transforms.books import schedules
from transforms.books.schedules import build_contractual_schedules
from transforms.kernels import book as batch
from transforms.kernels.loan import Loan, LoanRounding, Terms
from transforms.kernels.money import Mode
from transforms.kernels.replay import schedule_of
from warehouse.lake import Lake


def loan(number: int, **changes: Any) -> dict[str, Any]:
    terms = {
        "principal": 50_000 + 777 * number,
        "disbursed_on": "2025-01-31",
        "annual_rate": "0.18",
        "installments": 12,
    }
    return {"loan_id": f"L{number:03d}", **OURS, **terms, **changes}


@pytest.fixture
def book(lake: Lake) -> Lake:
    with lake.open_writer("test") as connection:
        put(connection, "loans", [loan(n, installments=1 + n % 30) for n in range(100)], "portfolio")
        odd = [
            loan(900, interest_method_code="compound"),
            loan(901, annual_rate="5.5"),
            {"loan_id": "L902", **OURS, "annual_rate": "0.1", "installments": 3},
            loan(903, repay_unit_code="fortnight"),
        ]
        put(connection, "loans", odd, "portfolio")
        put(connection, "loans", [{"loan_id": "SBA-1", **SBA, "principal": 100, "disbursed_on": "2005-01-01"}], "sba")
        put(connection, "loans", [{"loan_id": "UCI-1", **CARDS}], "uci")
    return lake


def read(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    reader = lake.open_reader(head=True)
    try:
        return reader.execute(sql).fetchall()
    finally:
        reader.close()


ROWS = "select * from lake.silver.contractual_schedules order by loan_id, installment_number"


def test_every_loan_is_scheduled_or_set_aside_by_name(book: Lake) -> None:
    figures = build_contractual_schedules(book, bucket_loans=30)
    assert figures == {
        "loans_scheduled": 100,
        "rows": sum(1 + n % 30 for n in range(100)),
        "loans_set_aside": 4,
        "set_aside_method_unknown": 1,
        "set_aside_period_out_of_range": 1,
        "set_aside_rate_out_of_range": 1,
        "set_aside_terms_incomplete": 1,
        "loans_without_terms": 2,
    }
    aside = read(book, "select loan_id, set_aside_code, set_aside_reason from lake.silver.loans_set_aside order by 1")
    assert [row[:2] for row in aside] == [
        ("L900", "METHOD_UNKNOWN"),
        ("L901", "RATE_OUT_OF_RANGE"),
        ("L902", "TERMS_INCOMPLETE"),
        ("L903", "PERIOD_OUT_OF_RANGE"),
    ]
    assert "annual_rate must be from 0 to 5" in aside[1][2]


CEIL_RUPEE = LoanRounding(installment=Decimal("1.00"), installment_mode=Mode.UP)
PLAIN = Terms(Decimal(50_000 + 777 * 41), date(2025, 1, 31), Decimal("0.18"), 12, rounding=CEIL_RUPEE)


def is_of_the_rule(lake: Lake, loan_id: str, terms: Terms) -> None:
    """Whether the lake's rows of a loan are those of a loan document with the same terms."""
    rows = schedule_of(Loan(loan_id, "INR", terms)).installments
    totals = accumulate(row.total for row in rows)
    expected = [
        (row.number, row.due_on, row.principal, row.interest, row.total, total, row.balance)
        for row, total in zip(rows, totals, strict=True)
    ]
    found = read(
        lake,
        "select installment_number, due_on, principal_due, interest_due, total_due, total_due_to_date, "
        f"principal_outstanding from lake.silver.contractual_schedules where loan_id = '{loan_id}' order by 1",
    )
    assert found == expected


def test_rows_of_the_book_are_those_of_the_rule_on_one_loan(book: Lake) -> None:
    build_contractual_schedules(book, bucket_loans=30)
    is_of_the_rule(book, "L041", PLAIN)


def test_rows_of_loans_that_are_not_plain_are_those_of_the_rule(book: Lake) -> None:
    odd: dict[str, dict[str, Any]] = {
        "L800": {"interest_method": "flat"},
        "L801": {"interest_method": "rule_of_78"},
        "L802": {"first_due_on": date(2025, 3, 15)},
    }
    names = {"interest_method": "interest_method_code", "first_due_on": "first_due_on"}
    with book.open_writer("test") as connection:
        columns = ({names[name]: value for name, value in changes.items()} for changes in odd.values())
        rows = [loan(41, **more) | {"loan_id": loan_id} for loan_id, more in zip(odd, columns, strict=True)]
        put(connection, "loans", rows, "portfolio")
    build_contractual_schedules(book)
    for loan_id, changes in odd.items():
        is_of_the_rule(book, loan_id, replace(PLAIN, **changes))


def test_a_loan_that_comes_to_more_than_the_columns_hold_is_set_aside(book: Lake) -> None:
    large = {"principal": 9_999_999_999_999, "annual_rate": "5", "repay_unit_code": "year", "installments": 20}
    with book.open_writer("test") as connection:
        put(connection, "loans", [loan(50, **large, interest_method_code="flat") | {"loan_id": "L803"}], "portfolio")
    figures = build_contractual_schedules(book)
    assert (figures["set_aside_amount_too_large"], figures["loans_scheduled"]) == (1, 100)
    assert read(book, "select count(*) from lake.silver.contractual_schedules where loan_id = 'L803'") == [(0,)]


def test_a_book_of_plain_loans_needs_no_other_kernel(book: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk of any loan takes long to compile: a first lake, and the demo, must not wait for it."""
    monkeypatch.setattr(batch, "schedule_book", None)
    assert build_contractual_schedules(book)["loans_scheduled"] == 100


def test_another_run_and_other_buckets_give_the_same_rows(book: Lake) -> None:
    first = build_contractual_schedules(book), read(book, ROWS)
    again = build_contractual_schedules(book, bucket_loans=45), read(book, ROWS)
    assert again == first


def test_a_run_that_dies_leaves_the_rows_of_the_last_one(book: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    build_contractual_schedules(book, bucket_loans=30)
    before = read(book, ROWS)
    calls: list[str] = []

    def dies(connection: duckdb.DuckDBPyConnection, table: str, rows: Any) -> None:
        calls.append(table)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(schedules, "_insert", dies)
    with pytest.raises(KeyboardInterrupt):
        build_contractual_schedules(book, bucket_loans=30)
    assert read(book, ROWS) == before


def test_an_empty_book_has_no_schedules(lake: Lake) -> None:
    assert build_contractual_schedules(lake) == {
        "loans_scheduled": 0,
        "rows": 0,
        "loans_set_aside": 0,
        "loans_without_terms": 0,
    }
