"""Both pages as a visitor meets them: figures, filters, and what is said when there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import queries
from warehouse.lake import Closing, LakeMissing, LakeUnreachable

RunPage = Callable[[str], AppTest]
PAGES = ("portfolio", "data_quality")


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def shown(page: AppTest) -> str:
    texts = [*page.caption, *page.markdown, *page.info, *page.subheader, *page.title]
    return "\n".join(element.value for element in texts)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_a_lake_says_how_to_get_one(
    name: str, run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_yet() -> list[Closing]:
        raise LakeMissing("no lake")

    monkeypatch.setattr(queries, "published", none_yet)
    page = run_page(name)
    assert not page.exception
    assert page.code[0].value == "lendhouse demo"
    assert not page.metric


@pytest.mark.parametrize("name", PAGES)
def test_a_catalog_that_does_not_answer_is_named(name: str, run_page: RunPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> list[Closing]:
        raise LakeUnreachable("server on port 5432 refuses us")

    monkeypatch.setattr(queries, "published", silent)
    page = run_page(name)
    assert not page.exception
    assert "port 5432 refuses us" in page.error[0].value


@pytest.mark.parametrize("name", PAGES)
def test_a_published_lake_without_rows_is_no_error(
    name: str, run_page: RunPage, closing: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "books", lambda snapshot_id: pl.DataFrame())
    monkeypatch.setattr(queries, "receipts", pl.DataFrame)
    page = run_page(name)
    assert not page.exception
    assert "lendhouse demo" in page.info[0].value


def test_portfolio_shows_the_figures_the_query_gives(
    run_page: RunPage, closing: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = queries.position(queries.Selection(closing.snapshot_id, "INR", ("LENDHOUSE",), ("HOME",)))
    replaced = row.with_columns(
        loans_active=pl.lit(123456),
        principal_outstanding=pl.lit("98765432.10").str.to_decimal(scale=2),
        total_overdue=pl.lit(None, pl.Decimal(18, 2)),
    )
    monkeypatch.setattr(queries, "position", lambda selection: replaced)
    page = run_page("portfolio")
    assert not page.exception
    assert figures(page)["Active loans"] == "1,23,456"
    assert figures(page)["Principal outstanding"] == "₹9.88 crore"
    assert figures(page)["Overdue"] == "–"


def test_every_figure_says_as_of_its_mart_and_the_dictionary_s_words(run_page: RunPage, closing: Closing) -> None:
    page = run_page("portfolio")
    outstanding = next(metric for metric in page.metric if metric.label == "Principal outstanding")
    assert "principal disbursed and not yet repaid" in outstanding.help
    assert "gold.servicing__loan_latest" in outstanding.help
    assert "As of 31 Oct 2026" in outstanding.help
    assert all("As of" in metric.help and "`" in metric.help for metric in page.metric)
    for mart in (queries.VINTAGE, queries.DELINQUENCY, queries.COLLECTION, queries.ROLL_RATE, queries.FUNNEL):
        assert f"`{mart}`" in shown(page)


def test_choosing_a_currency_shows_its_book_alone(run_page: RunPage, closing: Closing) -> None:
    page = run_page("portfolio")
    assert "₹" in figures(page)["Principal outstanding"]
    page.segmented_control(key="currency").set_value("USD").run()
    assert not page.exception
    assert figures(page)["Charged off"].startswith("$")
    assert "Default scores: pd v3" in shown(page)
    assert "**Delinquency**: these loans come without dues" in shown(page)


def test_filters_reach_the_questions(run_page: RunPage, closing: Closing, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[queries.Selection] = []
    position = queries.position
    monkeypatch.setattr(queries, "position", lambda selection: asked.append(selection) or position(selection))
    page = run_page("portfolio")
    page.multiselect(key="products").set_value(["HOME", "CAR"]).run()
    assert not page.exception
    assert asked[0].products == ("BUSINESS", "CAR", "HOME", "MFI", "PERSONAL")
    assert set(asked[-1].products) == {"HOME", "CAR"}
    assert figures(page)["Active loans"] == "168"


def test_a_vintage_range_reaches_the_question(
    run_page: RunPage, closing: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    curves = queries.vintage_curves
    monkeypatch.setattr(
        queries,
        "vintage_curves",
        lambda selection, first, last, least: asked.append((first, last)) or curves(selection, first, last, least),
    )
    page = run_page("portfolio")
    page.segmented_control(key="currency").set_value("USD").run()
    page.slider[0].set_range(2001, 2008).run()
    assert not page.exception
    assert asked[-1] == (2001, 2008)


def test_data_quality_shows_deliveries_and_refusals(run_page: RunPage, closing: Closing) -> None:
    page = run_page("data_quality")
    assert not page.exception
    assert figures(page)["Rows taken in"] == "8,549"
    assert figures(page)["Rows in quarantine"] == "13"
    assert figures(page)["Checks passed"] == "6 of 8"
    files = next(frame.value for frame in page.dataframe if "is_reconciled" in frame.value.columns)
    assert len(files) == 8


def test_refused_rows_are_filtered_by_table_and_text(run_page: RunPage, closing: Closing) -> None:
    page = run_page("data_quality")
    page.multiselect(key="quarantine_tables").set_value(["events"]).run()
    page.text_input(key="quarantine_text").set_value("number").run()
    assert not page.exception
    refused = next(frame.value for frame in page.dataframe if "reason" in frame.value.columns)
    assert set(refused["column_name"]) == {"amount"}
    assert len(refused) == 3


def test_nothing_in_quarantine_is_said_in_words(
    run_page: RunPage, closing: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "quarantine_reasons", pl.DataFrame)
    page = run_page("data_quality")
    assert not page.exception
    assert "No row is refused." in shown(page)
