"""The sections of the portfolio page: what each asks, what it draws, and what is said where there are no rows.

Belongs here: one Section a subject, given a Selection. Does not: the filters and order of the page
(app_pages/portfolio.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from dashboards import charts, figures, formats, queries, words
from dashboards.queries import COLLECTION, DELINQUENCY, FUNNEL, LOAN_LATEST, ROLL_RATE, SCORE, VINTAGE, Selection

LOANS_TO_DRAW_A_VINTAGE = 50
YEARS_DRAWN_AT_FIRST = 20
VINTAGE_MEASURES = {"charge_off_rate": "Share of loans", "charge_off_share": "Share of amount"}
MONTHS_OF_MOVES = {1: "Last month", 12: "Last 12 months"}


@dataclass(frozen=True)
class Section:
    """One subject. ask: its rows for a selection; draw: puts them on the page; unknown: why there may be none."""

    title: str
    ask: Callable[[Selection], pl.DataFrame]
    draw: Callable[[Selection, pl.DataFrame], None]
    unknown: str
    is_wide: bool = False


def draw(selection: Selection, sections: tuple[Section, ...]) -> None:
    """The sections that have rows, two abreast unless wide; under them, which ones have none, and why."""
    asked = [(section, section.ask(selection)) for section in sections]
    known = [(section, rows) for section, rows in asked if not rows.is_empty()]
    narrow = [(section, rows) for section, rows in known if not section.is_wide]
    for section, rows in known:
        if section.is_wide:
            section.draw(selection, rows)
    for first in range(0, len(narrow), 2):
        for column, (section, rows) in zip(st.columns(2, gap="large"), narrow[first : first + 2], strict=False):
            with column:
                section.draw(selection, rows)
    missing = [f"**{section.title}**: {section.unknown}" for section, rows in asked if rows.is_empty()]
    if missing:
        st.caption("Not known for this selection  \n" + "  \n".join(missing))


def position(selection: Selection) -> str:
    """The figures at the top; returns the day or days they hold for. Stops the page when no loan is selected."""
    rows = queries.position(selection)
    if rows.is_empty():
        st.info("No loan is in this selection. Take a filter away in the sidebar.", icon=":material/filter_alt_off:")
        st.stop()
    now, currency = rows.row(0, named=True), selection.currency
    as_of = formats.days(now["as_of_first"], now["as_of_last"])
    months = queries.outstanding_monthly(selection)
    trend = _trends(months)
    with st.container(horizontal=True):
        active, ever = (formats.count(now[name], currency) for name in ("loans_active", "loans"))
        figures.figure(
            "Active loans", active, LOAN_LATEST, "status_code", as_of, f"of {ever} loans ever", trend.get("loans")
        )
        for label, column, note in (
            ("Principal outstanding", "principal_outstanding", "of active loans"),
            ("Overdue", "total_overdue", f"on {formats.count(now['loans_overdue'], currency)} loans"),
            ("Charged off", "principal_charged_off", f"on {formats.count(now['loans_charged_off'], currency)} loans"),
        ):
            value = formats.compact_money(now[column], currency)
            note = note if now[column] is not None else "not stated by the source"
            figures.figure(label, value, LOAN_LATEST, column, as_of, note, trend.get(column))
        if not months.is_empty():
            late, until = formats.percent(months["past_due_30_share"][-1]), formats.day(months["as_of"][-1])
            columns, note = ["dpd_bucket_code", "principal_outstanding"], "of principal outstanding"
            figures.figure("Over 30 days late", late, DELINQUENCY, columns, until, note, trend.get("past_due_30_share"))
    return as_of


def _trends(months: pl.DataFrame) -> dict[str, list[float]]:
    """Columns of a frame by month as lists to draw; one with a gap, or of one month only, is no trend."""
    columns = {name: months[name].cast(pl.Float64).to_list() for name in months.columns if name != "as_of"}
    return {name: values for name, values in columns.items() if None not in values and len(values) > 1}


def book(books: pl.DataFrame, selection: Selection, as_of: str) -> None:
    """A row a product. books: of queries.books, the selection's rows only."""
    figures.heading("Book by product", LOAN_LATEST, ["status_code", "principal_outstanding"], as_of)
    columns = ["product_code", "entity_id", "loans", "loans_active", "principal", "principal_outstanding"]
    columns += ["total_overdue", "principal_charged_off", "as_of"]
    figures.table(books, LOAN_LATEST, columns, selection.currency, {"product_code": words.product})


def _vintages(selection: Selection, years: pl.DataFrame) -> None:
    until = formats.day(years["as_of"][0])
    figures.heading("Charge-off by vintage", VINTAGE, ["charge_off_rate", "vintage_on", "is_complete"], until)
    first, last = int(years["year"][0]), int(years["year"][-1])
    range_at, measure_at = st.columns([4, 2], gap="medium", vertical_alignment="bottom")
    with measure_at:
        measure = figures.choice(
            "Charge-off measure", list(VINTAGE_MEASURES), "charge_off_rate", VINTAGE_MEASURES.__getitem__
        )
    shown = (max(first, last - YEARS_DRAWN_AT_FIRST + 1), last)
    if first < last:
        shown = range_at.slider("Disbursed in", first, last, shown, label_visibility="collapsed")
    curves = queries.vintage_curves(selection, *shown, LOANS_TO_DRAW_A_VINTAGE)
    figures.chart(charts.vintage_curves(curves, measure), "vintage_chart")
    st.caption(
        "Drawn as far as every loan of the year has been observed. "
        f"Years with fewer than {LOANS_TO_DRAW_A_VINTAGE} loans are left out."
    )


def _scores(selection: Selection, bands: pl.DataFrame) -> None:
    scored = bands.row(0, named=True)
    name = f"Default scores: {scored['model_name']} v{scored['model_version']}"
    figures.heading(name, SCORE, ["probability_of_default", "score_band_code"], formats.day(scored["as_of"]))
    figures.chart(charts.score_distribution(queries.score_bins(selection)), "score_chart")
    figures.table(bands, SCORE, ["score_band_code", "loans", "share", "probability_of_default"], selection.currency)


def _delinquency(_selection: Selection, months: pl.DataFrame) -> None:
    until = formats.day(months["as_of"][-1])
    figures.heading("Delinquency by days past due", DELINQUENCY, ["dpd_bucket_code", "principal_outstanding"], until)
    figures.chart(charts.delinquency(months), "delinquency_chart")


def _collection(selection: Selection, months: pl.DataFrame) -> None:
    until = formats.day(months["as_of"][-1])
    figures.heading("Collection efficiency", COLLECTION, ["collection_efficiency", "amount_collected"], until)
    figures.chart(charts.collection_amounts(months, selection.currency), "collected_chart")
    figures.chart(charts.collection_efficiency(months, selection.currency), "efficiency_chart")


def _rolls(selection: Selection, months: pl.DataFrame) -> None:
    until = months["as_of"][0]
    figures.heading("Roll rates", ROLL_RATE, ["roll_rate", "bucket_from_code"], formats.day(until))
    over = figures.choice("Moves of", list(MONTHS_OF_MOVES), 12, MONTHS_OF_MOVES.__getitem__)
    figures.chart(charts.roll_rates(queries.roll_rates(selection, until, over)), "roll_chart")


def _funnel(selection: Selection, stages: pl.DataFrame) -> None:
    currency = selection.currency
    period = formats.days(stages["applied_first"][0], stages["applied_last"][0])
    columns = ["applications_received", "applications_approved", "loans_disbursed"]
    figures.heading("From application to disbursement", FUNNEL, columns, period)
    labels = [
        f"{formats.count(row['loans'], currency)} · {formats.percent(row['share'], 0)} · "
        f"{formats.compact_money(row['amount'], currency)}"
        for row in stages.iter_rows(named=True)
    ]
    figures.chart(charts.funnel(stages.with_columns(label=pl.Series(labels))), "funnel_chart")


SECTIONS = (
    Section(
        "Charge-off by vintage",
        lambda selection: queries.vintage_years(selection, LOANS_TO_DRAW_A_VINTAGE),
        _vintages,
        f"no year of disbursement has {LOANS_TO_DRAW_A_VINTAGE} loans that were all observed for a month.",
        is_wide=True,
    ),
    Section(
        "Default scores",
        lambda selection: queries.score_bands(selection),
        _scores,
        "no model has scored these loans.",
    ),
    Section(
        "Delinquency",
        lambda selection: queries.delinquency_monthly(selection),
        _delinquency,
        "these loans come without dues, payments or statements; only their outcome is known.",
    ),
    Section(
        "Collection efficiency",
        lambda selection: queries.collection_monthly(selection),
        _collection,
        "nothing fell due on a known schedule.",
    ),
    Section(
        "Roll rates",
        lambda selection: queries.roll_months(selection),
        _rolls,
        "a move between buckets needs two months of a loan in the book.",
    ),
    Section(
        "From application to disbursement",
        lambda selection: queries.funnel(selection),
        _funnel,
        "no application came with these loans.",
    ),
)
