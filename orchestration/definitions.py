"""The asset graph of the house, as Dagster loads it.

Belongs here: putting the graph together and configuring resources, once, from the environment. Does not: any asset.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import dagster as dg

from orchestration import bronze, dbt_models
from orchestration.regulatory.assets import closings_after
from orchestration.resources import dbt_resource, lake_resource
from orchestration.risk import assets as risk
from orchestration.schedules import close_of_yesterday, daily
from orchestration.sensors import bronze_sensor, landing_sensor, outbox_sensor
from orchestration.servicing import assets as servicing
from transforms import runner
from warehouse.home import Home


def build(home: Home) -> dg.Definitions:
    """The whole graph over one home; dbt's manifest is made when it is missing."""
    # dbt runs in a process of its own and knows its home by the environment alone.
    os.environ.update(runner.dbt_environment(home))
    models = dbt_models.dbt_assets_of(runner.manifest(home))
    before = [bronze.receive, servicing.contractual_schedules, models, risk.pd_champion, risk.score_monthly]
    closings = closings_after(_last(before), [spec.key for definition in before for spec in definition.check_specs])
    return dg.Definitions(
        assets=[*before, closings],
        jobs=[daily],
        schedules=[close_of_yesterday],
        sensors=[landing_sensor(home), outbox_sensor(home), bronze_sensor(home)],
        resources={
            "lake": lake_resource(home),
            "dbt": dbt_resource(runner.PROJECT),
        },
        # Each step in the run's own process: a new one would import for eleven seconds.
        executor=dg.in_process_executor,
    )


def _last(assets: Sequence[dg.AssetsDefinition]) -> set[dg.AssetKey]:
    """The assets that nothing else is built on; what follows them follows everything."""
    specs = [spec for definition in assets for spec in definition.specs]
    return {spec.key for spec in specs} - {dep.asset_key for spec in specs for dep in spec.deps}


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's own programs load: the graph over the home that the environment names."""
    return build(Home.from_environment())
