"""The snapshot of features: its columns, its labels, and that it cannot see later rows."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from models_ml.pd import features
from tests.models_ml.book import LAST_DAY, Book, features_of, invented, lay
from warehouse.contracts.features import CANDIDATES, FEATURES, KnownFrom
from warehouse.lake import Lake

AS_OF = date(2006, 3, 15)
KNOWN_AT_ORIGINATION = [field.name for field, known in CANDIDATES if known is not KnownFrom.OUTCOME]


@pytest.fixture(scope="module")
def book() -> Book:
    return invented(2500)


def test_snapshot_has_the_columns_of_its_contract(lake: Lake, book: Book) -> None:
    lay(lake, book)
    connection = lake.open_reader(head=True)
    found = connection.execute(f"describe lake.{FEATURES.qualified}").fetchall()
    connection.close()
    assert [(row[0], row[1].lower()) for row in found] == [(f.name, f.type.sql) for f in FEATURES.fields]


def test_later_rows_move_no_feature(lake: Lake, book: Book) -> None:
    """What was known on AS_OF is the same whether or not six more years of loans and charge-offs have come in."""
    lay(lake, book.until(AS_OF))
    then = features_of(lake)
    lay(lake, book)
    now = features_of(lake).join(then.select("loan_id"), on="loan_id", how="semi")
    assert then.height > 500
    assert now.select("loan_id", *KNOWN_AT_ORIGINATION).equals(then.select("loan_id", *KNOWN_AT_ORIGINATION))
    assert not now["is_charged_off"].equals(then["is_charged_off"])


def test_later_charge_offs_of_known_loans_move_no_feature(lake: Lake, book: Book) -> None:
    lay(lake, book)
    before = features_of(lake).filter(pl.col("applied_on") <= AS_OF)
    worse = book.loans.select(
        "loan_id",
        pl.lit("CHARGED_OFF").alias("outcome_code"),
        pl.lit(date(2006, 4, 1)).alias("outcome_on"),
        pl.lit(1.0).alias("principal_charged_off"),
    )
    known = book.outcomes.filter(pl.col("outcome_on") <= AS_OF)
    late = worse.join(known, on="loan_id", how="anti")
    lay(lake, replace(book, outcomes=pl.concat([known, late], how="vertical_relaxed")))
    after = features_of(lake).filter(pl.col("applied_on") <= AS_OF)
    assert after.select(KNOWN_AT_ORIGINATION).equals(before.select(KNOWN_AT_ORIGINATION))


def test_experience_counts_the_months_before_application(lake: Lake, book: Book) -> None:
    """One lender's counts, by a slow and obvious count."""
    lay(lake, book)
    loan = features_of(lake).filter(pl.col("lender_charge_offs_36_months") > 2).row(0, named=True)
    first = loan["applied_on"].replace(day=1)
    start = first.replace(year=first.year - 3)
    theirs = book.loans.join(book.applications, on="application_id").filter(
        pl.col("lender_name") == loan["lender_name"]
    )
    made = theirs.filter((pl.col("disbursed_on") >= start) & (pl.col("disbursed_on") < first))
    lost = theirs.join(book.outcomes, on="loan_id").filter(
        (pl.col("outcome_code") == "CHARGED_OFF") & (pl.col("outcome_on") >= start) & (pl.col("outcome_on") < first)
    )
    assert (loan["lender_loans_36_months"], loan["lender_charge_offs_36_months"]) == (len(made), len(lost))


@pytest.mark.parametrize(
    ("disbursed_on", "charged_off_on", "is_mature", "label"),
    [
        (date(2000, 1, 31), date(2003, 1, 31), True, True),
        (date(2000, 1, 31), date(2003, 2, 1), True, False),
        (date(2000, 1, 31), None, True, False),
        (date(2009, 6, 30), None, True, False),
        (date(2009, 7, 1), None, False, None),
        (date(2010, 1, 1), date(2011, 1, 1), False, True),
    ],
)
def test_label_is_a_charge_off_within_36_months(
    lake: Lake, disbursed_on: date, charged_off_on: date | None, is_mature: bool, label: bool | None
) -> None:
    """LAST_DAY, on which another loan is charged off, is the last day that is known."""
    small = invented(2)
    loans = small.loans.with_columns(
        pl.when(pl.int_range(2) == 0).then(pl.lit(disbursed_on)).otherwise(date(1999, 1, 1)).alias("disbursed_on")
    )
    outcomes = pl.DataFrame(
        {
            "loan_id": small.loans["loan_id"],
            "outcome_code": ["CHARGED_OFF" if charged_off_on else "PAID_IN_FULL", "CHARGED_OFF"],
            "outcome_on": [charged_off_on, LAST_DAY],
            "principal_charged_off": [None, 1.0],
        },
        schema_overrides={"outcome_on": pl.Date},
    )
    lay(lake, Book(small.applications, loans, outcomes))
    row = features_of(lake).row(0, named=True)
    assert (row["is_label_mature"], row["is_charged_off_36_months"]) == (is_mature, label)


def test_a_refused_source_takes_its_features_along() -> None:
    left = {feature.name for feature in features.usable(["state_loans_36_months"])}
    assert not left & {"lender_charge_offs_relative", "sector_charge_offs_relative"}
    assert "lender_loans_36_months" in left


def test_every_source_is_a_candidate_known_when_the_loan_is_made() -> None:
    assert {source for feature in features.ALL for source in feature.sources} <= set(KNOWN_AT_ORIGINATION)


def test_content_hash_sees_values_and_order(book: Book) -> None:
    frame = book.loans
    assert features.content_hash(frame) == features.content_hash(frame.clone())
    assert features.content_hash(frame) != features.content_hash(frame.reverse())
    changed = frame.with_columns(pl.lit(None, pl.Int64).alias("term_months_reported"))
    assert features.content_hash(frame) != features.content_hash(changed)


def test_an_empty_snapshot_says_what_to_do(lake: Lake, book: Book) -> None:
    lay(lake, book.until(date(1990, 1, 1)))
    connection = lake.open_reader(head=True)
    with pytest.raises(ValueError, match="build silver first"):
        features.snapshot(connection)
    connection.close()
