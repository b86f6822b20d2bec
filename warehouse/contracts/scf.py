"""Tables of supply chain finance: invoices offered for financing."""

import polars as pl

from warehouse.contracts import fields as f
from warehouse.contracts.staged import staged
from warehouse.contracts.table import Layer, Rule, Table

INVOICES = Table(
    "invoices",
    "scf",
    Layer.BRONZE,
    "One row per supplier invoice.",
    grain=("invoice_id",),
    fields=(
        f.INVOICE_ID,
        f.SUPPLIER_ID,
        f.BUYER_ID,
        *f.OWNERSHIP,
        f.INVOICE_NUMBER,
        f.INVOICED_ON,
        f.DUE_ON,
        f.AMOUNT_FACE,
    ),
    rules=(
        Rule(
            "due_after_invoiced",
            ("invoiced_on", "due_on"),
            pl.col("due_on") >= pl.col("invoiced_on"),
            "due_on must not be before invoiced_on",
        ),
    ),
    control="amount_face",
)

BRONZE = (INVOICES,)

SILVER = staged(BRONZE)
GOLD: tuple[Table, ...] = ()
