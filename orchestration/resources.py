"""What assets are given: the lake, dbt, and the moment a run calls now.

Belongs here: resources and what every asset spec has in common. Does not: reading the environment (definitions.py).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version

from orchestration.instance import HOST_TAG, this_process
from warehouse.contracts.table import Table
from warehouse.home import Home
from warehouse.lake import Lake

DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))
"""Built at least once a day; the warning leaves an operator half a working day."""


class LakeDbt(DbtCliResource):
    """dbt in a process of its own, which takes the lake's lock itself (warehouse/dbt_plugin.py).

    The stock resource also opens dbt's database in the calling process, to count rows: here that would be a second
    writer, and six seconds of imports.
    """

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed_version("dbt-core"))


def dbt_resource(project: Path) -> LakeDbt:
    """The dbt that is installed beside this Python, whatever PATH says."""
    executable = Path(sys.executable).with_name("dbt")
    return LakeDbt(project_dir=str(project), profiles_dir=str(project), dbt_executable=str(executable))


def lake_resource(home: Home) -> dg.ResourceDefinition:
    """The lake, as the parameter `lake` of an asset; tags the run with its process, so that a killed one is found."""

    def opened(context: dg.InitResourceContext) -> Lake:
        if context.run is not None and context.instance is not None and HOST_TAG not in context.run.tags:
            context.instance.add_run_tags(context.run.run_id, this_process())
        return Lake(home)

    return dg.ResourceDefinition(opened, description="The lakehouse: bronze, silver and gold tables in DuckLake.")


def now() -> datetime:
    """The moment of receipt; the only clock of the graph."""
    return datetime.now(UTC)


def key_of(table: Table) -> dg.AssetKey:
    """The asset of a contract's table: its layer, then its name."""
    return dg.AssetKey([table.layer.value, table.name])


def owner(domain: str) -> list[str]:
    """The team that answers for a domain's assets."""
    return [f"team:{domain}"]
