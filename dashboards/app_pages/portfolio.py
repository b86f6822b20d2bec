"""The portfolio: what is lent, what is late, what was lost, one currency at a time.

Belongs here: the order of the page, its filters. Does not: SQL (queries.py), drawing (charts.py), arithmetic (marts).
"""

import polars as pl
import streamlit as st

from dashboards import charts, figures, formats, queries, words
from dashboards.queries import COLLECTION, DELINQUENCY, FUNNEL, LOAN_LATEST, ROLL_RATE, SCORE, VINTAGE, Selection

LOANS_TO_DRAW_A_VINTAGE = 50
MONTHS_OF_MOVES = {"Last month": 1, "Last 12 months": 12}
VINTAGE_MEASURES = {"charge_off_rate": "Share of loans", "charge_off_share": "Share of amount"}

closing = figures.closing_or_stop()
figures.title("Portfolio", closing, "What is lent, what is late and what was lost.")
books = queries.books(closing.snapshot_id)
if books.is_empty():
    st.info("This snapshot has no loans yet. Send files with `lendhouse ingest`, or run `lendhouse demo`.")
    st.stop()

# -- filters --
with st.sidebar:
    currencies = books["currency"].unique(maintain_order=True).to_list()
    currency = st.segmented_control(
        "Currency",
        currencies,
        default=currencies[0],
        required=True,
        format_func=words.currency,
        bind="query-params",
        key="currency",
        help="Amounts of different currencies are never added.",
    )
    mine = books.filter(pl.col("currency") == currency)
    entities = st.multiselect("Entity", mine["entity_id"].unique().sort().to_list(), placeholder="All entities")
    products = st.multiselect(
        "Product", mine["product_code"].unique().to_list(), format_func=words.product, placeholder="All products"
    )
selection = Selection(
    closing.snapshot_id,
    currency,
    tuple(entities or mine["entity_id"].unique().sort()),
    tuple(products or mine["product_code"].unique().sort()),
)
position = queries.position(selection)
if position.is_empty():
    st.info("No loan is in this selection. Take a filter away in the sidebar.", icon=":material/filter_alt_off:")
    st.stop()

# -- figures --
now = position.row(0, named=True)
as_of = formats.days(now["as_of_first"], now["as_of_last"])
months = queries.outstanding_monthly(selection)
trend = {name: months[name].cast(pl.Float64).to_list() for name in months.columns if name != "as_of"}
trend = {name: values for name, values in trend.items() if None not in values and len(values) > 1}
with st.container(horizontal=True):
    figures.figure(
        "Active loans",
        formats.count(now["loans_active"], currency),
        LOAN_LATEST,
        "status_code",
        as_of,
        trend.get("loans"),
        f"of {formats.count(now['loans'], currency)} loans ever",
    )
    for label, column, note in (
        ("Principal outstanding", "principal_outstanding", None),
        ("Overdue", "total_overdue", f"{formats.count(now['loans_overdue'], currency)} loans"),
        ("Charged off", "principal_charged_off", f"{formats.count(now['loans_written_off'], currency)} loans"),
    ):
        value = formats.compact_money(now[column], currency)
        figures.figure(label, value, LOAN_LATEST, column, as_of, trend.get(column), note)

# -- the book --
figures.heading("Book by product", LOAN_LATEST, ["status_code", "principal_outstanding"], as_of)
chosen = mine.filter(pl.col("entity_id").is_in(selection.entities) & pl.col("product_code").is_in(selection.products))
figures.table(
    chosen,
    LOAN_LATEST,
    {
        "product_code": "Product",
        "entity_id": "Entity",
        "currency": "Currency",
        "loans": "Loans",
        "loans_active": "Active",
        "principal": "Disbursed",
        "principal_outstanding": "Outstanding",
        "total_overdue": "Overdue",
        "loans_written_off": "Written off",
        "principal_charged_off": "Charged off",
        "as_of_last": "As of",
    },
    {
        "product_code": words.product,
        **{n: lambda v: formats.count(v, currency) for n in ("loans", "loans_active", "loans_written_off")},
        **{
            n: lambda v: formats.float_money(v, currency)
            for n in ("principal", "principal_outstanding", "total_overdue", "principal_charged_off")
        },
        "as_of_last": formats.day,
    },
)

# -- vintages and scores --
left, right = st.columns([3, 2], gap="large")
with left:
    years = queries.vintage_years(selection, LOANS_TO_DRAW_A_VINTAGE)
    if years.is_empty():
        figures.nothing(
            "Charge-off by vintage",
            f"No year of disbursement here has {LOANS_TO_DRAW_A_VINTAGE} loans observed for a month or more.",
        )
    else:
        figures.heading("Charge-off by vintage", VINTAGE, ["charge_off_rate", "vintage_on", "is_complete"], as_of)
        first, last = int(years["year"][0]), int(years["year"][-1])
        range_at, measure_at = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
        measure = measure_at.segmented_control(
            "Measure",
            list(VINTAGE_MEASURES),
            default="charge_off_rate",
            required=True,
            format_func=VINTAGE_MEASURES.get,
            label_visibility="collapsed",
        )
        shown = (max(first, last - 19), last)
        if first < last:
            shown = range_at.slider("Disbursed in", first, last, shown, label_visibility="collapsed")
        curves = queries.vintage_curves(selection, *shown, LOANS_TO_DRAW_A_VINTAGE)
        figures.chart(charts.vintage_curves(curves, measure), "vintages")
        st.caption(
            "Only months that every loan of the year has been observed for are drawn; "
            f"years with fewer than {LOANS_TO_DRAW_A_VINTAGE} loans are left out."
        )
with right:
    bins, bands = queries.score_bins(selection), queries.score_bands(selection)
    if bands.is_empty():
        figures.nothing("Default scores", "No model has scored the loans of this selection.")
    else:
        scored = bands.row(0, named=True)
        figures.heading(
            f"Default scores: {scored['model_name']} v{scored['model_version']}",
            SCORE,
            ["probability_of_default", "score_band_code"],
            formats.day(scored["as_of"]),
        )
        figures.chart(charts.score_distribution(bins), "scores")
        figures.table(
            bands,
            SCORE,
            {"band": "Band", "loans": "Loans", "share": "Share", "probability_of_default": "Mean probability"},
            {
                "loans": lambda v: formats.count(v, currency),
                "share": formats.percent,
                "probability_of_default": formats.percent,
            },
        )

# -- delinquency and collection --
left, right = st.columns(2, gap="large")
with left:
    delinquency = queries.delinquency_monthly(selection)
    if delinquency.is_empty():
        figures.nothing("Delinquency", "These loans come without payments or statements, only with their outcome.")
    else:
        until = formats.day(delinquency["as_of"].max())
        figures.heading(
            "Delinquency by days past due", DELINQUENCY, ["dpd_bucket_code", "principal_outstanding"], until
        )
        figures.chart(charts.delinquency(delinquency), "delinquency")
with right:
    collection = queries.collection_monthly(selection)
    if collection.is_empty():
        figures.nothing("Collection efficiency", "Nothing fell due on a known schedule in this selection.")
    else:
        until = formats.day(collection["as_of"].max())
        figures.heading("Collection efficiency", COLLECTION, ["collection_efficiency", "amount_collected"], until)
        figures.chart(charts.collection_amounts(collection, currency), "collected")
        figures.chart(charts.collection_efficiency(collection, currency), "efficiency")

# -- roll rates and funnel --
left, right = st.columns(2, gap="large")
with left:
    roll_months = queries.roll_months(selection)
    if roll_months.is_empty():
        figures.nothing("Roll rates", "Moves between buckets need two months of a loan in the book.")
    else:
        until = roll_months["as_of"][0]
        figures.heading("Roll rates", ROLL_RATE, ["roll_rate", "bucket_from_code"], formats.day(until))
        over = st.segmented_control(
            "Moves of", list(MONTHS_OF_MOVES), default="Last 12 months", required=True, label_visibility="collapsed"
        )
        moves = queries.roll_rates(selection, until, MONTHS_OF_MOVES[over])
        figures.chart(charts.roll_rates(moves), "rolls")
with right:
    stages = queries.funnel(selection)
    if stages.is_empty():
        figures.nothing("From application to disbursement", "No application is known for this selection.")
    else:
        period = formats.days(stages["applied_first"][0], stages["applied_last"][0])
        figures.heading(
            "From application to disbursement",
            FUNNEL,
            ["applications_received", "applications_approved", "loans_disbursed"],
            period,
        )
        labelled = stages.with_columns(
            label=pl.struct("loans", "share", "amount").map_elements(
                lambda s: (
                    f"{formats.count(s['loans'], currency)} · {formats.percent(s['share'], 0)} · "
                    f"{formats.compact_money(s['amount'], currency)}"
                ),
                return_dtype=pl.String,
            )
        )
        figures.chart(charts.funnel(labelled), "funnel")
