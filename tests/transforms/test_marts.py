"""A small book built once by dbt, every expectation worked out by hand.

Seven loans of our own (installments 8,885.00 or 10,000.00), one that cannot be scheduled, eight of a source last seen
in the middle of a month, four of the SBA, two credit cards. Our own book is known until 2026-03-31, the second until
2025-11-10, the SBA's until 2010-06-30, the cards' until 2005-06-30.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.transforms.books import CARDS, OURS, SBA, payment, put
from transforms.books.schedules import build_contractual_schedules
from transforms.runner import DbtFailed, run_dbt
from warehouse.home import Home
from warehouse.lake import Lake, LakeMissing

APPLICATION = {**OURS, "channel_code": "DSA", "applied_on": "2025-10-01", "amount_requested": "100000"}


def ours(loan_id: str, disbursed_on: str, principal: int, rate: str, **changes: Any) -> dict[str, Any]:
    terms = {"principal": principal, "disbursed_on": disbursed_on, "annual_rate": rate, "installments": 12}
    return {"loan_id": loan_id, **OURS, **terms, **changes}


LOANS = [
    ours("LATE", "2025-10-15", 100_000, "0.12", application_id="A1"),
    ours("BOUNCED", "2025-12-31", 120_000, "0"),
    ours("FORECLOSED", "2026-01-10", 120_000, "0", branch_id="B2"),
    ours("WRITTEN-OFF", "2025-06-01", 120_000, "0", branch_id="B2"),
    ours("PREPAID", "2025-12-15", 100_000, "0.12", branch_id="B3"),
    ours("REPAID", "2025-12-01", 20_000, "0", branch_id="B3", installments=2),
    ours("CHARGED", "2025-12-15", 120_000, "0", branch_id="B5", entity_id="E2", currency="USD"),
    ours("ASIDE", "2025-12-01", 20_000, "5.1", branch_id="B4"),
]
# in a currency of its own, so that it is in nobody's totals but its own
DOLLARS = {"currency": "USD"}
EVENTS = [
    payment("E01", "LATE", "2025-11-15", "8885.00"),
    payment("E02", "LATE", "2025-12-20", "5000.00"),
    payment("E03", "LATE", "2026-01-10", "3885.00"),
    payment("E04", "LATE", "2026-02-20", "8885.00"),
    payment("E05", "BOUNCED", "2026-01-31", "10000.00"),
    payment("E06", "BOUNCED", "2026-02-03", "10000.00", "reversal") | {"reverses_event_id": "E05"},
    payment("E07", "FORECLOSED", "2026-02-20", "110000.00", "foreclosure"),
    payment("E08", "FORECLOSED", "2026-02-10", "10000.00"),
    payment("E09", "WRITTEN-OFF", "2026-01-15", "120000.00", "write_off"),
    payment("E10", "PREPAID", "2026-01-15", "8885.00"),
    payment("E11", "PREPAID", "2026-01-20", "50000.00", "prepayment"),
    payment("E12", "REPAID", "2026-01-01", "10000.00"),
    payment("E13", "REPAID", "2026-02-01", "10000.00"),
    payment("E14", "WRITTEN-OFF", "2026-03-31", "500.00", "recovery"),
    payment("E15", "CHARGED", "2026-01-15", "295.00", "charge") | DOLLARS,
    payment("E16", "CHARGED", "2026-01-16", "10000.00") | DOLLARS,
    payment("E17", "CHARGED", "2026-02-10", "100.00", "charge") | DOLLARS,
    payment("E18", "CHARGED", "2026-02-11", "100.00", "reversal") | {"reverses_event_id": "E17", **DOLLARS},
    payment("E19", "CHARGED", "2026-02-15", "10200.00") | DOLLARS,
]


def mid(loan_id: str, disbursed_on: str) -> dict[str, Any]:
    owner = {"branch_id": "B6", "entity_id": "E6"}
    return ours(loan_id, disbursed_on, 120_000, "0", **owner, **DOLLARS)


# a source last seen in the middle of a month, on 10 November 2025; installments of 10,000.00
MID_LOANS = [
    mid("MID-DUE", "2025-09-25"),
    mid("MID-API", "2025-10-05"),
    mid("MID-TWICE", "2025-10-01"),
    mid("MID-EARLY", "2025-10-01"),
    mid("MID-WRITTEN-OFF", "2025-09-01"),
    mid("MID-CHARGED-OFF", "2025-09-01"),
    mid("MID-PAID", "2025-09-01"),
    mid("MID-PAID-UNDATED", "2025-09-01"),
]
MID_EVENTS = [
    payment("M01", "MID-DUE", "2025-10-25", "10000.00"),
    payment("M02", "MID-TWICE", "2025-11-01", "10000.00"),
    payment("M03", "MID-TWICE", "2025-11-10", "10000.00", "reversal") | {"reverses_event_id": "M02"},
    payment("M04", "MID-TWICE", "2025-11-03", "10000.00", "reversal") | {"reverses_event_id": "M02"},
    payment("M05", "MID-EARLY", "2025-09-28", "10000.00"),
    payment("M06", "MID-WRITTEN-OFF", "2025-10-01", "10000.00"),
    {"event_id": "M07", "loan_id": "MID-WRITTEN-OFF", "event_type_code": "write_off", "value_on": "2025-11-05"},
]
MID_OUTCOMES = [
    {"loan_id": "MID-CHARGED-OFF", "outcome_code": "CHARGED_OFF", "outcome_on": "2025-10-20"},
    {"loan_id": "MID-PAID", "outcome_code": "PAID_IN_FULL", "outcome_on": "2025-11-08"},
    {"loan_id": "MID-PAID-UNDATED", "outcome_code": "PAID_IN_FULL"},
]
# booked through the API, long after the source was last seen
API_EVENTS = [payment("M08", "MID-API", "2026-12-20", "10000.00")]

SBA_LOANS = [
    {"loan_id": "SBA-1", **SBA, "principal": 60_000, "disbursed_on": "2005-03-10"},
    {"loan_id": "SBA-2", **SBA, "principal": 40_000, "disbursed_on": "2005-12-31"},
    {"loan_id": "SBA-3", **SBA, "principal": 10_000, "disbursed_on": "2006-05-01"},
    {"loan_id": "SBA-4", **SBA, "principal": 10_000, "disbursed_on": "2020-05-01"},
]
OUTCOMES = [
    {"loan_id": "SBA-1", "outcome_code": "CHARGED_OFF", "outcome_on": "2007-03-10", "principal_charged_off": 45_000},
    {"loan_id": "SBA-2", "outcome_code": "PAID_IN_FULL"},
    {"loan_id": "SBA-3", "outcome_code": "CHARGED_OFF", "outcome_on": "2010-06-30", "principal_charged_off": 9_000},
]


def statement(loan_id: str, statement_on: str, status: int, billed: int, paid: int) -> dict[str, Any]:
    amounts = {"credit_limit": 50_000, "amount_billed": billed, "amount_paid": paid, "currency": "TWD"}
    return {"loan_id": loan_id, "statement_on": statement_on, "repayment_status": status, **amounts}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("house"))})
    lake = Lake(home)
    with lake.open_writer("test") as connection:
        decisions = [("A1", "APPROVED"), ("A2", "REJECTED"), ("A3", "APPROVED"), ("A4", "PENDING")]
        put(
            connection,
            "applications",
            [APPLICATION | {"application_id": a, "decision_code": d} for a, d in decisions],
            "ours",
        )
        put(connection, "loans", LOANS, "ours")
        put(connection, "events", EVENTS, "ours")
        put(connection, "loans", MID_LOANS, "mid")
        put(connection, "events", [one | DOLLARS for one in MID_EVENTS], "mid")
        put(connection, "outcomes", [one | DOLLARS for one in MID_OUTCOMES], "mid")
        put(connection, "events", [one | DOLLARS for one in API_EVENTS], "oltp")
        put(connection, "loans", SBA_LOANS, "sba_national")
        put(connection, "outcomes", [one | {"currency": "USD"} for one in OUTCOMES], "sba_national")
        put(connection, "loans", [{"loan_id": f"UCI-{n}", **CARDS} for n in (1, 2)], "uci_credit_card")
        lines = [("UCI-1", "2005-05-31", 0, 9_000, 100), ("UCI-1", "2005-06-30", 2, 9_500, 50)]
        lines += [("UCI-2", "2005-05-31", -1, -20, 0), ("UCI-2", "2005-06-30", 7, 300, 0)]
        put(connection, "statements", [statement(*line) for line in lines], "uci_credit_card")
        late = payment("C01", "UCI-1", "2005-07-10", "500.00") | {"currency": "TWD"}
        put(connection, "events", [late], "oltp")
        versions = [("2026-03-01", "old name"), ("2026-03-02", "new name")]
        branches = [
            {**OURS, "branch_name": name, "state_code": "MH", "received_at": f"{on}T00:00:00Z"} for on, name in versions
        ]
        put(
            connection,
            "branches",
            [{k: v for k, v in b.items() if k not in {"product_code", "currency"}} for b in branches],
            "ours",
        )
    build_contractual_schedules(lake)
    run_dbt(home, ["build"])
    return home


@pytest.fixture(scope="module")
def gold(built: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    reader = Lake(built).open_reader(head=True)
    yield reader
    reader.close()


def rows(gold: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return gold.execute(sql).fetchall()


def monthly(gold: duckdb.DuckDBPyConnection, loan_id: str, columns: str) -> list[tuple[Any, ...]]:
    return rows(
        gold, f"select as_of, {columns} from servicing__loan_monthly where loan_id = '{loan_id}' order by as_of"
    )


def d(text: str) -> date:
    return date.fromisoformat(text)


def test_a_charge_is_owed_after_the_installment_of_its_day(gold: duckdb.DuckDBPyConnection) -> None:
    """10,000.00 settles January's installment and leaves its 295.00 charge; 10,200.00 more pays the charge and all but
    95.00 of February's. The reversed charge of 100.00 is never owed."""
    found = monthly(gold, "CHARGED", "due_to_date, total_overdue, oldest_due_on, dpd, principal_outstanding")
    assert found == [
        (d("2025-12-31"), Decimal("0.00"), Decimal("0.00"), None, 0, Decimal("120000.00")),
        (d("2026-01-31"), Decimal("10295.00"), Decimal("295.00"), d("2026-01-15"), 17, Decimal("110000.00")),
        (d("2026-02-28"), Decimal("20295.00"), Decimal("95.00"), d("2026-02-15"), 14, Decimal("100095.00")),
        (d("2026-03-31"), Decimal("30295.00"), Decimal("10095.00"), d("2026-02-15"), 45, Decimal("100095.00")),
    ]


def test_days_past_due_follow_the_oldest_unpaid_due_date(gold: duckdb.DuckDBPyConnection) -> None:
    """Dues on the 15th of each month from November; the due date itself is day 1 (AC-02)."""
    found = monthly(gold, "LATE", "oldest_due_on, dpd, dpd_bucket_code, total_overdue, months_past_due")
    assert found == [
        (d("2025-10-31"), None, 0, "0", Decimal("0.00"), 0),
        (d("2025-11-30"), None, 0, "0", Decimal("0.00"), 0),
        (d("2025-12-31"), d("2025-12-15"), 17, "1-30", Decimal("3885.00"), 1),
        (d("2026-01-31"), d("2026-01-15"), 17, "1-30", Decimal("8885.00"), 1),
        (d("2026-02-28"), d("2026-02-15"), 14, "1-30", Decimal("8885.00"), 1),
        (d("2026-03-31"), d("2026-02-15"), 45, "31-60", Decimal("17770.00"), 2),
    ]


def test_principal_falls_by_what_receipts_settle_interest_first(gold: duckdb.DuckDBPyConnection) -> None:
    """13,885 by December: row 1 (7,885.00 + 1,000.00), then 921.15 interest and 4,078.85 principal of row 2."""
    found = dict(monthly(gold, "LATE", "principal_outstanding"))
    assert found[d("2025-11-30")] == Decimal("92115.00")
    assert found[d("2025-12-31")] == Decimal("88036.15")
    assert found[d("2026-01-31")] == Decimal("84151.15")  # row 2 settled: 92,115.00 - 7,963.85


def test_a_bounced_payment_stands_until_the_day_it_bounces(gold: duckdb.DuckDBPyConnection) -> None:
    """Dues on 31 January, 28 February, 31 March; the first was paid on its day and reversed on 3 February."""
    found = monthly(gold, "BOUNCED", "oldest_due_on, dpd, total_overdue, paid_to_date")
    assert found[1:] == [
        (d("2026-01-31"), None, 0, Decimal("0.00"), Decimal("10000.00")),
        (d("2026-02-28"), d("2026-01-31"), 29, Decimal("20000.00"), Decimal("0.00")),
        (d("2026-03-31"), d("2026-01-31"), 60, Decimal("30000.00"), Decimal("0.00")),
    ]


def test_a_prepayment_lowers_principal_at_once_and_is_set_off_later(gold: duckdb.DuckDBPyConnection) -> None:
    """Row 1 leaves 92,115.00; 50,000 prepaid beyond the dues leaves 42,115.00."""
    assert dict(monthly(gold, "PREPAID", "principal_outstanding"))[d("2026-01-31")] == Decimal("42115.00")
    assert {row[1] for row in monthly(gold, "PREPAID", "dpd")} == {0}


@pytest.mark.parametrize(
    ("loan_id", "last_in_book", "status_code"),
    [
        ("LATE", "2026-03-31", "ACTIVE"),
        ("FORECLOSED", "2026-01-31", "CLOSED"),
        ("REPAID", "2026-01-31", "CLOSED"),
        ("WRITTEN-OFF", "2025-12-31", "WRITTEN_OFF"),
    ],
)
def test_a_loan_leaves_the_book_in_the_month_it_ends(
    gold: duckdb.DuckDBPyConnection, loan_id: str, last_in_book: str, status_code: str
) -> None:
    assert monthly(gold, loan_id, "dpd")[-1][0] == d(last_in_book)
    assert rows(gold, f"select status_code from servicing__loan_latest where loan_id = '{loan_id}'") == [(status_code,)]


def test_the_latest_state_of_a_loan(gold: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        gold,
        "select installment_amount, as_of, status_code, principal_outstanding, total_overdue, dpd, dpd_bucket_code, "
        "payments_received, last_paid_on from servicing__loan_latest where loan_id = 'LATE'",
    )
    late = (Decimal("8885.00"), d("2026-03-31"), "ACTIVE", Decimal("76107.66"), Decimal("17770.00"), 45, "31-60")
    assert found == [(*late, Decimal("26655.00"), d("2026-02-20"))]


def test_a_recovery_is_no_payment(gold: duckdb.DuckDBPyConnection) -> None:
    sql = "select payments_received, principal_outstanding from servicing__loan_latest where loan_id = 'WRITTEN-OFF'"
    assert rows(gold, sql) == [(None, Decimal("0.00"))]


@pytest.mark.parametrize(
    ("loan_id", "status_code", "outcome_code", "as_of"),
    [
        ("SBA-1", "WRITTEN_OFF", "CHARGED_OFF", "2010-06-30"),
        ("SBA-2", "CLOSED", "PAID_IN_FULL", "2010-06-30"),
        ("SBA-4", "UNKNOWN", None, "2010-06-30"),
        ("ASIDE", "UNKNOWN", None, "2026-03-31"),
        ("UCI-1", "ACTIVE", None, "2005-06-30"),
    ],
)
def test_state_where_no_schedule_tells_it(
    gold: duckdb.DuckDBPyConnection, loan_id: str, status_code: str, outcome_code: str | None, as_of: str
) -> None:
    sql = f"select status_code, outcome_code, as_of from servicing__loan_latest where loan_id = '{loan_id}'"
    assert rows(gold, sql) == [(status_code, outcome_code, d(as_of))]


def test_nothing_is_overdue_before_its_due_date(gold: duckdb.DuckDBPyConnection) -> None:
    """Due on 25 November, last seen on the 10th: the running month is aged on the day last seen."""
    assert monthly(gold, "MID-DUE", "due_to_date, total_overdue, dpd") == [
        (d("2025-09-30"), Decimal("0.00"), Decimal("0.00"), 0),
        (d("2025-10-31"), Decimal("10000.00"), Decimal("0.00"), 0),
        (d("2025-11-10"), Decimal("10000.00"), Decimal("0.00"), 0),
    ]


def test_a_later_payment_of_another_source_moves_no_other_loan(gold: duckdb.DuckDBPyConnection) -> None:
    """Due on 5 November, paid through the API a year later: received, but not by the day of the figures."""
    assert rows(gold, "select distinct as_of from servicing__loan_latest where entity_id = 'E6'") == [
        (d("2025-11-10"),)
    ]
    assert monthly(gold, "MID-API", "paid_to_date, total_overdue, dpd")[1:] == [
        (d("2025-11-10"), Decimal("0.00"), Decimal("10000.00"), 6)
    ]
    sql = "select total_overdue, payments_received, last_paid_on from servicing__loan_latest where loan_id = 'MID-API'"
    assert rows(gold, sql) == [(Decimal("10000.00"), Decimal("10000.00"), d("2026-12-20"))]


def test_a_running_month_rolls_from_the_month_before(gold: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select as_of, bucket_from_code, bucket_to_code, loans from risk__roll_rate_monthly "
        "where entity_id = 'E6' and as_of > date '2025-10-31' order by all"
    )
    assert rows(gold, sql) == [(d("2025-11-10"), "0", "0", 2), (d("2025-11-10"), "0", "1-30", 2)]


def test_a_receipt_is_taken_back_once_and_on_the_earliest_day(gold: duckdb.DuckDBPyConnection) -> None:
    assert monthly(gold, "MID-TWICE", "paid_to_date, dpd")[-1] == (d("2025-11-10"), Decimal("0.00"), 10)
    sql = "select event_id, value_on, amount_signed from lake.silver.int_servicing__payments_effected "
    sql += "where loan_id = 'MID-TWICE' order by 1"
    assert rows(gold, sql) == [
        ("M02", d("2025-11-01"), Decimal("10000.00")),
        ("M04", d("2025-11-03"), Decimal("-10000.00")),
    ]


def test_a_receipt_before_the_disbursal_is_counted(gold: duckdb.DuckDBPyConnection) -> None:
    assert monthly(gold, "MID-EARLY", "paid_to_date, total_overdue") == [
        (d("2025-10-31"), Decimal("10000.00"), Decimal("0.00")),
        (d("2025-11-10"), Decimal("10000.00"), Decimal("0.00")),
    ]


@pytest.mark.parametrize(
    ("loan_id", "last_in_book", "status_code", "principal_charged_off"),
    [
        ("MID-WRITTEN-OFF", "2025-10-31", "WRITTEN_OFF", Decimal("110000.00")),
        ("MID-CHARGED-OFF", "2025-09-30", "WRITTEN_OFF", Decimal("120000.00")),
        ("MID-PAID", "2025-10-31", "CLOSED", None),
        ("MID-PAID-UNDATED", "2025-10-31", "CLOSED", None),
    ],
)
def test_an_end_without_an_amount_or_without_an_event(
    gold: duckdb.DuckDBPyConnection,
    loan_id: str,
    last_in_book: str,
    status_code: str,
    principal_charged_off: Decimal | None,
) -> None:
    """A write-off without an amount is of all principal outstanding; an outcome ends a loan as an event does."""
    assert monthly(gold, loan_id, "dpd")[-1][0] == d(last_in_book)
    sql = f"select status_code, principal_charged_off from servicing__loan_latest where loan_id = '{loan_id}'"
    assert rows(gold, sql) == [(status_code, principal_charged_off)]
    sql = f"select principal_charged_off from lake.silver.int_risk__loans_charged_off where loan_id = '{loan_id}'"
    assert rows(gold, sql) == ([(principal_charged_off,)] if principal_charged_off else [])


def test_credit_lines_tell_their_own_months(gold: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select loan_id, months_past_due, dpd, dpd_bucket_code, principal_outstanding, paid_to_date, total_overdue "
        "from servicing__loan_monthly where currency = 'TWD' and as_of = date '2005-06-30' order by 1"
    )
    assert rows(gold, sql) == [
        ("UCI-1", 2, None, "31-60", Decimal("9500.00"), Decimal("150.00"), None),
        ("UCI-2", 7, None, "GT180", Decimal("300.00"), Decimal("0.00"), None),
    ]


def test_a_payment_after_the_last_statement_waits_for_the_next_one(gold: duckdb.DuckDBPyConnection) -> None:
    """It counts as received; balance and months late stay those of the statement: what was spent since is unknown."""
    sql = (
        "select as_of, principal_outstanding, months_past_due, payments_received, last_paid_on "
        "from servicing__loan_latest where loan_id = 'UCI-1'"
    )
    assert rows(gold, sql) == [(d("2005-06-30"), Decimal("9500.00"), 2, Decimal("500.00"), d("2005-07-10"))]
    assert rows(gold, "select max(as_of) from servicing__loan_monthly where loan_id = 'UCI-1'") == [(d("2005-06-30"),)]


def test_collections_of_a_month(gold: duckdb.DuckDBPyConnection) -> None:
    """January in B1: 8,885 + 10,000 fell due, 3,885 + 10,000 came in. In February more bounced than came."""
    sql = (
        "select as_of, loans_due, amount_due, amount_collected, collection_efficiency "
        "from servicing__collection_monthly where branch_id = 'B1' and as_of >= date '2025-12-31' order by 1"
    )
    assert rows(gold, sql)[:3] == [
        (d("2025-12-31"), 1, Decimal("8885.00"), Decimal("5000.00"), Decimal("0.562746")),
        (d("2026-01-31"), 2, Decimal("18885.00"), Decimal("13885.00"), Decimal("0.735240")),
        (d("2026-02-28"), 2, Decimal("18885.00"), Decimal("-1115.00"), None),
    ]


def test_what_a_foreclosure_leaves_unbilled_never_falls_due(gold: duckdb.DuckDBPyConnection) -> None:
    """Due 10 February, foreclosed on the 20th: the dues of March and later are gone."""
    sql = (
        "select as_of, amount_due, amount_collected from int_servicing__loans_aged "
        "where loan_id = 'FORECLOSED' order by 1"
    )
    assert gold.execute(sql.replace("from ", "from lake.silver.")).fetchall() == [
        (d("2026-01-31"), Decimal("0.00"), Decimal("0.00")),
        (d("2026-02-28"), Decimal("10000.00"), Decimal("120000.00")),
    ]


def test_delinquency_by_bucket(gold: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select branch_id, dpd_bucket_code, loans, total_overdue from servicing__delinquency_monthly "
        "where as_of = date '2026-03-31' and currency = 'INR' order by all"
    )
    assert rows(gold, sql) == [
        ("B1", "31-60", 2, Decimal("47770.00")),
        ("B3", "0", 1, Decimal("0.00")),
    ]


def test_roll_rates_between_month_ends(gold: duckdb.DuckDBPyConnection) -> None:
    """January to February: LATE stays in 1-30, BOUNCED falls into it, PREPAID stays current; two others left."""
    sql = (
        "select as_of, bucket_from_code, bucket_to_code, loans, roll_rate from risk__roll_rate_monthly "
        "where currency = 'INR' and as_of >= date '2026-02-28' order by all"
    )
    half, whole = Decimal("0.500000"), Decimal("1.000000")
    assert rows(gold, sql) == [
        (d("2026-02-28"), "0", "0", 1, half),
        (d("2026-02-28"), "0", "1-30", 1, half),
        (d("2026-02-28"), "1-30", "1-30", 1, whole),
        (d("2026-03-31"), "0", "0", 1, whole),
        (d("2026-03-31"), "1-30", "31-60", 2, whole),
    ]


@pytest.mark.parametrize(
    ("currency", "vintage_on", "months_on_book", "expected"),
    [
        ("USD", "2005-01-01", 23, (2, 0, Decimal("0.00"), Decimal("0.000000"), True)),
        # charged off on the very day that 24 months are over
        ("USD", "2005-01-01", 24, (2, 1, Decimal("45000.00"), Decimal("0.500000"), True)),
        # the last loan was made on 31 December 2005 and is known until 30 June 2010
        ("USD", "2005-01-01", 53, (2, 1, Decimal("45000.00"), Decimal("0.500000"), True)),
        ("USD", "2005-01-01", 55, (2, 1, Decimal("45000.00"), Decimal("0.500000"), False)),
        ("USD", "2006-01-01", 49, (1, 0, Decimal("0.00"), Decimal("0.000000"), False)),
        ("USD", "2006-01-01", 50, (1, 1, Decimal("9000.00"), Decimal("1.000000"), False)),
        # 1 June 2025 to 15 January 2026: within eight months
        ("INR", "2025-01-01", 7, (6, 0, Decimal("0.00"), Decimal("0.000000"), False)),
        ("INR", "2025-01-01", 8, (6, 1, Decimal("120000.00"), Decimal("0.166667"), False)),
    ],
)
def test_vintages_count_charge_offs_within_months(
    gold: duckdb.DuckDBPyConnection, currency: str, vintage_on: str, months_on_book: int, expected: tuple[Any, ...]
) -> None:
    sql = (
        "select loans_disbursed, loans_charged_off_to_date, amount_charged_off_to_date, charge_off_rate, is_complete "
        f"from risk__vintage_monthly where currency = '{currency}' and vintage_on = date '{vintage_on}' "
        f"and months_on_book = {months_on_book}"
    )
    assert rows(gold, sql) == [expected]


def test_a_loan_disbursed_after_the_last_observation_is_in_no_vintage(gold: duckdb.DuckDBPyConnection) -> None:
    assert rows(gold, "select max(vintage_on) from risk__vintage_monthly where entity_id = 'SBA'") == [
        (d("2006-01-01"),)
    ]


def test_the_funnel_of_a_day(gold: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select applications_received, applications_approved, applications_rejected, applications_pending, "
        "loans_disbursed, amount_requested, amount_disbursed, approval_rate from origination__funnel_daily"
    )
    assert rows(gold, sql) == [(4, 2, 1, 1, 1, Decimal("400000.00"), Decimal("100000.00"), Decimal("0.666667"))]


def test_staging_shows_the_latest_version_of_a_master(gold: duckdb.DuckDBPyConnection) -> None:
    found = rows(gold, "select branch_name from lake.silver.stg_origination__branches")
    assert found == [("new name",)]


def test_dbt_lets_the_lake_go(built: Home) -> None:
    with Lake(built).open_writer("another writer", wait_seconds=1) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_failed_test_is_told_by_name(built: Home) -> None:
    with Lake(built).open_writer("test") as connection:
        put(connection, "statements", [statement("UCI-9", "2005-06-30", 0, 1, 1)], "uci_credit_card")
    with pytest.raises(DbtFailed, match="known_loan_id_stg_servicing__statements"):
        run_dbt(built, ["test", "--select", "stg_servicing__statements"])


def test_nothing_is_published_by_a_build(built: Home) -> None:
    with pytest.raises(LakeMissing):
        Lake(built).open_reader()
