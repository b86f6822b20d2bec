"""The close: the last asset of the graph, which makes everything before it public.

Belongs here: the wrapper. Does not: what is hashed, recorded and published (orchestration/publish.py).
"""

from collections.abc import Iterable
from datetime import date

import dagster as dg

from orchestration.instance import LAKE_WRITER
from orchestration.partitions import business_day
from orchestration.publish import check_results, publish
from orchestration.resources import DAILY, owner
from warehouse.lake import Lake

FIRST_BUILT = dg.AssetKey(["silver", "contractual_schedules"])


def closings_after(last: Iterable[dg.AssetKey], checks: Iterable[dg.AssetCheckKey]) -> dg.AssetsDefinition:
    """The asset gold/closings. last: what nothing else is built on; checks: the claims whose verdicts it records."""
    claims = list(checks)

    @dg.asset(
        key=["gold", "closings"],
        deps=sorted(last),
        partitions_def=business_day,
        group_name="regulatory",
        owners=owner("regulatory"),
        kinds={"python", "ducklake"},
        tags={"layer": "gold"},
        pool=LAKE_WRITER,
        freshness_policy=DAILY,
    )
    def closings(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
        """Published snapshots: readers of gold see the newest of these, and never half a build."""
        first = context.instance.get_latest_materialization_event(FIRST_BUILT)
        metadata = first.asset_materialization.metadata if first and first.asset_materialization else {}
        built_from = str(metadata["inputs_hash"].value) if "inputs_hash" in metadata else None
        results = check_results(context.instance, claims)
        closing = publish(lake, date.fromisoformat(context.partition_key), built_from, results)
        failed = [result.check_name for result in results if not result.is_passed]
        return dg.MaterializeResult(
            metadata={
                "snapshot_id": closing.snapshot_id,
                "inputs_hash": closing.inputs_hash,
                "code_version": closing.code_version,
                "checks_passed": len(results) - len(failed),
                "checks_failed": ", ".join(failed) or "none",
            }
        )

    return closings
