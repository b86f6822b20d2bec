"""Every question the pages ask of the lake, a function each, returning a frame.

Belongs here: all SQL of the dashboards, a module a subject. Does not: connections (readers.py), drawing (charts.py).
Amounts of different currencies are never added: a question about money is asked of one Selection, which has one
currency, or is answered by currency. Above the grain of a mart, counts and amounts are summed and a rate is the ratio
of the sums.
"""

from dashboards.queries.data_quality import (
    batches,
    checks,
    checks_total,
    closings,
    freshness,
    quarantine_reasons,
    quarantine_rows,
    quarantine_tables,
    receipts,
)
from dashboards.queries.portfolio import (
    books,
    collection_monthly,
    delinquency_monthly,
    funnel,
    outstanding_monthly,
    position,
)
from dashboards.queries.risk import roll_months, roll_rates, score_bands, score_bins, vintage_curves, vintage_years
from dashboards.queries.selection import (
    BATCHES,
    CHECKS,
    CLOSINGS,
    COLLECTION,
    DELINQUENCY,
    FUNNEL,
    LOAN_LATEST,
    QUARANTINE,
    ROLL_RATE,
    SCORE,
    VINTAGE,
    Selection,
    published,
)

__all__ = [
    "BATCHES",
    "CHECKS",
    "CLOSINGS",
    "COLLECTION",
    "DELINQUENCY",
    "FUNNEL",
    "LOAN_LATEST",
    "QUARANTINE",
    "ROLL_RATE",
    "SCORE",
    "VINTAGE",
    "Selection",
    "batches",
    "books",
    "checks",
    "checks_total",
    "closings",
    "collection_monthly",
    "delinquency_monthly",
    "freshness",
    "funnel",
    "outstanding_monthly",
    "position",
    "published",
    "quarantine_reasons",
    "quarantine_rows",
    "quarantine_tables",
    "receipts",
    "roll_months",
    "roll_rates",
    "score_bands",
    "score_bins",
    "vintage_curves",
    "vintage_years",
]
