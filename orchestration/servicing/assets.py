"""Servicing assets that dbt does not build: what a kernel computes over the whole book.

Belongs here: wrappers of one call. Does not: the computation (transforms/books).
"""

import dagster as dg

from orchestration.instance import LAKE_WRITER
from orchestration.publish import inputs_hash_now
from orchestration.resources import owner
from warehouse.lake import Lake


@dg.asset(
    key=["silver", "contractual_schedules"],
    deps=[dg.AssetKey(["bronze", "loans"])],
    group_name="servicing",
    owners=owner("servicing"),
    kinds={"python", "numba", "ducklake"},
    tags={"layer": "silver"},
    pool=LAKE_WRITER,
)
def contractual_schedules(lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """What each loan owes and when, as signed: one row per loan and instalment, by the compiled schedule kernel."""
    from transforms.books.schedules import build_contractual_schedules

    built_from = inputs_hash_now(lake)
    figures = build_contractual_schedules(lake, doing="contractual schedules")
    return dg.MaterializeResult(metadata={**figures, "inputs_hash": built_from})
