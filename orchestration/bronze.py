"""Bronze as assets: one step that takes in everything that has arrived, whichever tables it is for.

Belongs here: the wrapper and its checks' names. Does not: reading files (ingestion), claims (claims.py). One step, not
one a table: a file of one source holds rows of several domains, and a loan must land before its payments.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration import claims
from orchestration.instance import LAKE_WRITER
from orchestration.resources import DAILY, key_of, now, owner
from warehouse.contracts import registry
from warehouse.contracts.table import Table
from warehouse.lake import Lake


def spec(table: Table) -> dg.AssetSpec:
    """The asset of one bronze table."""
    return dg.AssetSpec(
        key_of(table),
        description=table.meaning,
        group_name=table.domain,
        owners=owner(table.domain),
        kinds={"python", "ducklake"},
        tags={"layer": "bronze"},
        metadata={"grain": ", ".join(table.grain), "columns": len(table.stored_fields())},
        freshness_policy=DAILY,
    )


def check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """The claims made of one bronze table; only what would let a wrong row spread blocks what is built on it."""
    return [
        dg.AssetCheckSpec(claim.name, asset=key_of(table), description=claim.meaning, blocking=claim.is_blocking)
        for claim in claims.claims_of(table)
    ]


@dg.multi_asset(
    name="receive",
    specs=[spec(table) for table in (*registry.BRONZE, *registry.RECEIPTS)],
    check_specs=[check for table in registry.BRONZE for check in check_specs(table)],
    pool=LAKE_WRITER,
)
def receive(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> Iterator[dg.MaterializeResult]:
    """Every quiet file of the landing folder and everything new in the outbox, checked against the contracts."""
    from ingestion.outbox import ingest_outbox
    from ingestion.sources import ingest_landing

    received_at = now()
    landed = [*ingest_landing(lake, received_at), *ingest_outbox(lake, received_at)]
    for table, counts, verdicts in claims.examined(lake, landed):
        yield dg.MaterializeResult(
            key_of(table), metadata=counts, check_results=[v.as_check_result(key_of(table)) for v in verdicts]
        )
