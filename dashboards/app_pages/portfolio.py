"""The portfolio: what is lent, what is late, what was lost, one currency at a time.

Belongs here: the order of the page, its filters. Does not: SQL (queries/), drawing (charts.py), arithmetic (marts).
"""

import polars as pl
import streamlit as st

from dashboards import figures, queries, sections, words
from dashboards.queries import Selection

closing = figures.closing_or_stop()
figures.title("Portfolio", closing, "What is lent, what is late and what was lost.")
books = queries.books(closing.snapshot_id)
if books.is_empty():
    st.info("This snapshot has no loans yet. Send files with `lendhouse ingest`, or run `lendhouse demo`.")
    st.stop()

with st.sidebar:
    currencies = books["currency"].unique(maintain_order=True).to_list()
    currency = st.segmented_control(
        "Currency",
        currencies,
        default=currencies[0],
        required=True,
        bind="query-params",
        key="currency",
        help="Amounts of different currencies are never added.",
    )
    mine = books.filter(pl.col("currency") == currency)
    every_entity, every_product = (sorted(mine[name].unique()) for name in ("entity_id", "product_code"))
    entities = st.multiselect("Entity", every_entity, placeholder="All entities", key="entities") or every_entity
    products = (
        st.multiselect("Product", every_product, format_func=words.product, placeholder="All products", key="products")
        or every_product
    )
selection = Selection(closing.snapshot_id, currency, tuple(entities), tuple(products))

as_of = sections.position(selection)
chosen = mine.filter(pl.col("entity_id").is_in(entities) & pl.col("product_code").is_in(products))
sections.book(chosen, selection, as_of)

sections.draw(selection, sections.SECTIONS)
