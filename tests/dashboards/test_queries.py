"""The questions, asked of a small lake; sums are checked against the rows the lake was filled with."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from dashboards import queries, readers
from dashboards.queries import Selection
from tests.dashboards import books, receipts
from warehouse.bronze import ensure_tables
from warehouse.contracts import codes
from warehouse.contracts.servicing import LOAN_LATEST
from warehouse.home import Home
from warehouse.lake import Closing, Lake, LakeMissing


@pytest.fixture
def rupees(closing: Closing) -> Selection:
    return Selection(closing.snapshot_id, "INR", ("LENDHOUSE",), tuple(books.PRODUCTS))


@pytest.fixture
def dollars(closing: Closing) -> Selection:
    return Selection(closing.snapshot_id, "USD", ("SBA",), ("SBA_7A",))


def test_books_never_mix_currencies(closing: Closing) -> None:
    found = queries.books(closing.snapshot_id)
    assert found.select("currency", "entity_id", "product_code").is_unique().all()
    assert found["currency"].unique(maintain_order=True).to_list() == ["INR", "USD", "TWD"]
    assert found["loans"].sum() == 420 + 120 + 300


def test_position_is_of_the_selected_currency_alone(dollars: Selection) -> None:
    ended = books.ended_loans()
    row = queries.position(dollars).row(0, named=True)
    assert (row["loans"], row["loans_active"]) == (300, 0)
    assert row["principal_charged_off"] == ended["principal_charged_off"].sum()
    assert row["loans_charged_off"] == ended.filter(pl.col("outcome_code") == "CHARGED_OFF").height
    assert (row["as_of_first"], row["as_of_last"]) == (date(2014, 6, 30), date(2014, 6, 30))


def test_an_unstated_amount_stays_unknown(dollars: Selection) -> None:
    row = queries.position(dollars).row(0, named=True)
    assert (row["principal_outstanding"], row["total_overdue"]) == (None, None)


def test_a_product_filter_narrows_every_question(rupees: Selection) -> None:
    homes = Selection(rupees.snapshot_id, "INR", ("LENDHOUSE",), ("HOME",))
    assert queries.position(homes)["loans"].item() == 84
    whole, part = (queries.outstanding_monthly(s)["principal_outstanding"][-1] for s in (rupees, homes))
    assert Decimal(0) < part < whole


def test_a_selection_without_loans_has_no_position(closing: Closing) -> None:
    assert queries.position(Selection(closing.snapshot_id, "INR", ("NOBODY",), ("HOME",))).is_empty()


def test_bucket_shares_add_up_to_the_book(rupees: Selection) -> None:
    shares = queries.delinquency_monthly(rupees).group_by("as_of").agg(pl.col("share").sum())
    assert shares["share"].to_list() == pytest.approx([1.0] * shares.height)


def test_a_month_has_a_row_for_every_bucket(rupees: Selection) -> None:
    months = queries.delinquency_monthly(rupees)
    assert months.height == 24 * len(codes.DPD_BUCKET)
    assert months.filter(pl.col("as_of") == books.AS_OF)["dpd_bucket_code"].to_list() == list(codes.DPD_BUCKET)


def test_what_is_late_by_thirty_days_is_the_sum_of_the_worse_buckets(rupees: Selection) -> None:
    worse = queries.delinquency_monthly(rupees).filter(~pl.col("dpd_bucket_code").is_in(["0", "1-30"]))
    late = worse.filter(pl.col("as_of") == books.AS_OF)["share"].sum()
    assert queries.outstanding_monthly(rupees)["past_due_30_share"][-1] == pytest.approx(late)


def test_collection_efficiency_of_several_products_is_the_ratio_of_sums(rupees: Selection) -> None:
    row = queries.collection_monthly(rupees).row(-1, named=True)
    assert row["as_of"] == books.AS_OF
    assert row["collection_efficiency"] == pytest.approx(float(row["amount_collected"] / row["amount_due"]))


@pytest.mark.parametrize("months", [1, 12])
def test_moves_out_of_a_bucket_add_up_to_one(rupees: Selection, months: int) -> None:
    moves = queries.roll_rates(rupees, queries.roll_months(rupees)["as_of"][0], months)
    out = moves.group_by("bucket_from_code").agg(pl.col("roll_rate").sum())
    assert out["roll_rate"].to_list() == pytest.approx([1.0] * out.height)


def test_moves_of_a_year_count_more_loans_than_those_of_a_month(rupees: Selection) -> None:
    until = queries.roll_months(rupees)["as_of"][0]
    month, year = (queries.roll_rates(rupees, until, months)["loans"].sum() for months in (1, 12))
    assert month == 420
    assert year > 10 * month


def test_incomplete_months_of_a_vintage_are_left_out(dollars: Selection) -> None:
    curves = queries.vintage_curves(dollars, 2005, 2012, 50)
    ends = dict(curves.group_by("year").agg(pl.col("months_on_book").max()).iter_rows())
    assert ends[2012] == 18
    assert ends[2010] == 42


def test_charge_offs_to_date_never_fall(dollars: Selection) -> None:
    curves = queries.vintage_curves(dollars, 1990, 2012, 50)
    falls = curves.filter(pl.col("charge_off_rate").diff().over("year") < 0)
    assert curves.height > 1_000
    assert falls.is_empty()


def test_years_with_few_loans_are_left_out(dollars: Selection) -> None:
    assert queries.vintage_years(dollars, 50)["year"].min() == 1990
    assert queries.vintage_years(dollars, 1_000)["year"].min() == 1993


def test_score_bins_hold_each_scored_loan_once(dollars: Selection) -> None:
    assert queries.score_bins(dollars)["loans"].sum() == 300
    bands = queries.score_bands(dollars)
    assert bands["loans"].sum() == 300
    assert bands["probability_of_default"].is_sorted()


def test_the_funnel_narrows(rupees: Selection) -> None:
    stages = queries.funnel(rupees)
    assert stages["stage"].to_list() == ["Received", "Approved", "Disbursed"]
    assert stages["loans"].is_sorted(descending=True)
    assert stages["share"][0] == 1.0


def test_receipts_count_refused_rows_until_they_are_released(closing: Closing) -> None:
    row = queries.receipts().row(0, named=True)
    assert (row["batches"], row["batches_rejected"]) == (8, 1)
    assert row["rows_accepted"] == receipts.batches()["rows_accepted"].sum()
    assert row["rows_refused"] == 13


def test_a_batch_that_adds_up_is_reconciled(closing: Closing) -> None:
    assert queries.batches()["is_reconciled"].to_list() == [True] * 8


def test_quarantine_is_found_by_table_and_by_text(closing: Closing) -> None:
    assert queries.quarantine_tables() == ["events", "loans"]
    assert set(queries.quarantine_rows(["loans"], "")["table_name"]) == {"loans"}
    assert set(queries.quarantine_rows(["events", "loans"], "NOT A NUMBER")["column_name"]) == {"amount"}
    assert queries.quarantine_rows(["events", "loans"], "' or 1=1 --").is_empty()


def test_failed_checks_come_first(closing: Closing) -> None:
    assert queries.checks(closing)["is_passed"].to_list() == [False] * 2 + [True] * 6
    assert queries.checks_total(closing)["passed"].item() == 6


def test_without_a_lake_the_question_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDHOUSE_HOME", str(home.root))
    with pytest.raises(LakeMissing, match="lendhouse demo"):
        queries.published()


def test_a_newer_snapshot_is_seen_and_the_older_one_stays_readable(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDHOUSE_HOME", str(home.root))
    monkeypatch.setattr(readers, "LOOK_AGAIN_SECONDS", 0.0)
    first = books.build(Lake(home))
    before = queries.books(first.snapshot_id)["loans"].sum()
    with Lake(home).open_writer("write off a book") as connection:
        connection.execute("delete from lake.gold.servicing__loan_latest where currency = 'USD'")
        assert [c.snapshot_id for c in queries.published()] == [first.snapshot_id]
        assert queries.books(first.snapshot_id)["loans"].sum() == before
        second = Lake(home).publish(connection, books.AS_OF, "inputs-2", "0.1.0+test")
    assert [c.snapshot_id for c in queries.published()] == [first.snapshot_id, second.snapshot_id]
    assert queries.books(second.snapshot_id)["loans"].sum() == before - 300
    assert queries.books(first.snapshot_id)["loans"].sum() == before


def test_a_lake_built_anew_in_the_same_place_is_not_taken_for_the_old_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENDHOUSE_HOME", str(home.root))
    monkeypatch.setattr(readers, "LOOK_AGAIN_SECONDS", 0.0)
    for loans in (1, 2):
        shutil.rmtree(home.root, ignore_errors=True)
        with pytest.raises(LakeMissing):
            queries.published()
        with Lake(home).open_writer("start over") as connection:
            ensure_tables(connection, [LOAN_LATEST])
            books.put(connection, LOAN_LATEST, books.ended_loans(loans))
            Lake(home).publish(connection, books.AS_OF, f"inputs-{loans}", "0.1.0+test")
        assert queries.books(queries.published()[-1].snapshot_id)["loans"].sum() == loans


def test_a_mart_that_does_not_exist_yet_has_no_rows(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDHOUSE_HOME", str(home.root))
    with Lake(home).open_writer("publish an empty lake") as connection:
        closing = Lake(home).publish(connection, books.AS_OF, "none", "0.1.0+test")
    nothing = Selection(closing.snapshot_id, "INR", ("LENDHOUSE",), ("HOME",))
    empty = [
        queries.books(closing.snapshot_id),
        queries.score_bands(nothing),
        queries.receipts(),
        queries.checks(closing),
    ]
    assert [frame.height for frame in empty] == [0, 0, 0, 0]
    assert queries.quarantine_tables() == []
