"""What a question is asked of: the tables by name, a selection of one snapshot, the published snapshots.

Belongs here: what every question shares. Does not: any question (the modules beside).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.readers import readers
from warehouse.lake import Closing

LOAN_LATEST = "gold.servicing__loan_latest"
DELINQUENCY = "gold.servicing__delinquency_monthly"
COLLECTION = "gold.servicing__collection_monthly"
VINTAGE = "gold.risk__vintage_monthly"
ROLL_RATE = "gold.risk__roll_rate_monthly"
SCORE = "gold.risk__score_monthly"
FUNNEL = "gold.origination__funnel_daily"
BATCHES = "bronze.batches"
QUARANTINE = "bronze.quarantine"
CHECKS = "gold.check_results"
CLOSINGS = "gold.closings"

SELECTED = "currency = $currency and list_contains($entities, entity_id) and list_contains($products, product_code)"


@dataclass(frozen=True)
class Selection:
    """What a page shows: one published snapshot, one currency, and which entities and products in it."""

    snapshot_id: int
    currency: str
    entities: tuple[str, ...]
    products: tuple[str, ...]

    def ask(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """The rows of one question about this selection; `{selected}` in the SQL is its condition."""
        mine = {"currency": self.currency, "entities": list(self.entities), "products": list(self.products)}
        return readers().answer(self.snapshot_id, sql.replace("{selected}", SELECTED), {**mine, **parameters})


def published() -> list[Closing]:
    """Every published snapshot, oldest first. Raises LakeMissing when there is none."""
    return readers().published()
