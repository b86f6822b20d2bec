"""What the files say: references, identifiers, decisions, bounces."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from tests.ingestion.simulator.conftest import Read
from warehouse.contracts import registry

# Verhoeff as published: digits from the right, D the group's table, P1 the permutation applied once for each place.
D = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
P1 = "1576283094"


def is_verhoeff(number: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = int(P1[value])
        check = int(D[check][value])
    return check == 0


def test_the_check_itself_knows_the_published_numbers() -> None:
    assert is_verhoeff("234123412346")
    assert not any(is_verhoeff(f"23412341234{digit}") for digit in "012345789")


def test_aadhaar_numbers_are_valid_and_different(read: Read) -> None:
    numbers = read("customers")["aadhaar"]
    assert numbers.n_unique() == len(numbers)
    assert numbers.str.contains("^[2-9][0-9]{11}$").all()
    assert all(is_verhoeff(number) for number in numbers.sample(3000, seed=1))


@pytest.mark.parametrize(
    ("column", "pattern"),
    [("pan", "^[A-Z]{3}P[A-Z][0-9]{4}[A-Z]$"), ("mobile", "^[6-9][0-9]{9}$"), ("account_number", "^[0-9]{9,18}$")],
)
def test_identifiers_are_well_formed_and_different(column: str, pattern: str, read: Read) -> None:
    numbers = read("customers")[column]
    assert numbers.str.contains(pattern).all()
    assert numbers.n_unique() == len(numbers)


@pytest.mark.parametrize(
    "table", [table.name for table in registry.BRONZE if table.name not in ("statements", "outcomes")]
)
def test_what_a_row_refers_to_is_there(table: str, read: Read) -> None:
    rows = read(table)
    references = dict(registry.bronze(table).references)
    references |= {"branch_id": "branches.branch_id", "scheme_code": "schemes.scheme_code"}
    for column in references.keys() & set(rows.columns):
        other, key = references[column].split(".")
        assert rows.join(read(other), left_on=column, right_on=key, how="anti").is_empty(), column


@pytest.mark.parametrize(
    "table", [table.name for table in registry.BRONZE if table.name not in ("statements", "outcomes")]
)
def test_the_grain_is_unique(table: str, read: Read) -> None:
    rows = read(table).select(registry.bronze(table).grain)
    assert rows.n_unique() == rows.height


def test_a_reversal_takes_back_an_earlier_payment_of_its_loan(read: Read) -> None:
    events = read("events")
    reversals = events.filter(pl.col("event_type_code") == "reversal")
    pairs = reversals.join(events, left_on="reverses_event_id", right_on="event_id", suffix="_undone")
    assert pairs.height == reversals.height > 0
    assert (pairs["event_type_code_undone"] == "payment").all()
    assert (pairs["loan_id"] == pairs["loan_id_undone"]).all()
    assert (pairs["booked_at"] > pairs["booked_at_undone"]).all()
    assert (pairs["amount"] == pairs["amount_undone"]).all()
    assert events.filter(pl.col("event_type_code") == "charge").height == reversals.height


def test_every_kind_of_event_and_product_occurs(read: Read) -> None:
    kinds = set(read("events")["event_type_code"])
    assert kinds == {"payment", "prepayment", "charge", "reversal", "write_off", "recovery", "foreclosure"}
    assert set(read("loans")["product_code"]) == {"PERSONAL", "HOME", "CAR", "BUSINESS", "EDUCATION", "GOLD", "MFI"}
    assert set(read("loans").filter(pl.col("product_code") == "MFI")["repay_every"]) == {1, 2}


def test_nothing_but_recoveries_follows_a_write_off(read: Read) -> None:
    events = read("events")
    ended = events.filter(pl.col("event_type_code") == "write_off").select("loan_id", ended_on="value_on")
    later = events.join(ended, on="loan_id").filter(pl.col("value_on") > pl.col("ended_on"))
    assert set(later["event_type_code"]) == {"recovery"}


def test_nothing_follows_a_foreclosure(read: Read) -> None:
    events = read("events")
    ended = events.filter(pl.col("event_type_code") == "foreclosure").select("loan_id", ended_on="value_on")
    assert ended.height > 0
    assert events.join(ended, on="loan_id").filter(pl.col("value_on") > pl.col("ended_on")).is_empty()


def test_cash_stays_below_twenty_thousand(read: Read) -> None:
    cash = read("events").filter(pl.col("payment_channel_code") == "CASH")
    assert cash.select(pl.col("amount").max()).item() < Decimal(20_000)


def test_loan_numbers_count_each_branch_scheme_and_year_without_gaps(read: Read) -> None:
    part = pl.col("loan_id").str.split("-").list
    loans = read("loans").with_columns(
        branch=part.get(0), scheme=part.get(1), number=part.get(2).cast(pl.Int64), year=part.get(3)
    )
    assert (loans["branch"] == loans["branch_id"]).all()
    assert (loans["scheme"] == loans["scheme_code"]).all()
    number = pl.col("number")
    counted = loans.group_by("branch", "scheme", "year").agg(pl.len(), number.max(), different=number.n_unique())
    assert (counted["len"] == counted["number"]).all()
    assert (counted["len"] == counted["different"]).all()
    on = pl.col("disbursed_on").dt
    assert set(loans.filter((on.year() == 2026) & (on.month() == 3))["year"]) == {"2526"}
    assert set(loans.filter((on.year() == 2026) & (on.month() == 4))["year"]) == {"2627"}


def with_limits(read: Read) -> pl.DataFrame:
    """Applications beside what they were decided on."""
    people = read("customers").select("customer_id", "monthly_income")
    scores = read("bureau_pulls").select("application_id", "credit_score")
    return read("applications").join(people, on="customer_id").join(scores, on="application_id")


@pytest.mark.parametrize(
    ("product", "income", "score", "incomes"),
    [
        ("PERSONAL", 25_000, 650, 12),
        ("HOME", 35_000, 650, 9_999),
        ("CAR", 20_000, 600, 9_999),
        ("BUSINESS", 8_334, 600, 36),
    ],
)
def test_approved_applications_meet_the_policy(product: str, income: int, score: int, incomes: int, read: Read) -> None:
    is_approved = (pl.col("product_code") == product) & (pl.col("decision_code") == "APPROVED")
    approved = with_limits(read).filter(is_approved)
    assert approved.height > 100
    assert (approved["monthly_income"] >= income).all()
    assert (approved["credit_score"] >= score).all()
    assert (approved["amount_requested"] <= approved["monthly_income"] * incomes).all()


def test_rejections_say_what_was_given_and_it_is_so(read: Read) -> None:
    rejected = with_limits(read).filter(pl.col("decision_code") == "REJECTED")
    assert rejected["rejection_reason"].null_count() == 0
    said = rejected.with_columns(
        given=pl.col("rejection_reason").str.extract(r"(\d+)").cast(pl.Int64),
        least=pl.col("rejection_reason").str.extract(r"minimum of (\d+)").cast(pl.Int64),
    )
    for words, column in (("credit score", "credit_score"), ("monthly income", "monthly_income")):
        these = said.filter(pl.col("rejection_reason").str.starts_with(words))
        assert these.height > 100
        assert (these["given"] == these[column].cast(pl.Int64)).all()
        assert (these["given"] < these["least"]).all()


def test_only_rejections_have_a_reason(read: Read) -> None:
    others = read("applications").filter(pl.col("decision_code") != "REJECTED")
    assert others["rejection_reason"].null_count() == others.height
    assert set(others["decision_code"]) == {"APPROVED", "REFERRED", "PENDING"}


def test_collateral_covers_the_loan_as_the_policy_asks(read: Read) -> None:
    """Home 80 % of value, car 90 %, gold 85 % up to 2.5 lakh and 80 % above (GL-01)."""
    pledged = read("collateral").join(read("loans").select("loan_id", "product_code", "principal"), on="loan_id")
    above = pl.col("principal") > 250_000
    most = pl.col("product_code").replace_strict({"HOME": 80, "CAR": 90, "BUSINESS": 100}, default=85)
    most = pl.when((pl.col("product_code") == "GOLD") & above).then(80).otherwise(most)
    assert pledged.filter(pl.col("principal") * 100 > pl.col("collateral_value") * most).is_empty()
    assert set(pledged["collateral_type_code"]) == {"PROPERTY", "VEHICLE", "GOLD", "EQUIPMENT"}


def test_recovery_actions_say_what_the_events_say(read: Read) -> None:
    """What an action brought in is money of the events, dated on or after the action."""
    actions = read("recovery_actions").filter(pl.col("amount_recovered") > 0)
    paid = read("events").select("loan_id", "value_on", amount_recovered="amount")
    found = actions.join(paid, on=["loan_id", "amount_recovered"]).filter(pl.col("value_on") >= pl.col("action_on"))
    assert found["action_id"].n_unique() == actions.height > 100
    assert set(actions["action_outcome_code"]) == {"PART_PAID", "CURED", "SETTLED"}


def test_postal_codes_begin_as_their_states_do(read: Read) -> None:
    customers = read("customers")
    # first digits of the postal zones, as India Post publishes them
    for state, first in {"DL": "11", "TN": "6", "MH": "4", "KA": "5", "GJ": "3", "BR": "8"}.items():
        codes = customers.filter(pl.col("state_code") == state)["postal_code"]
        assert codes.str.starts_with(first).all(), state
