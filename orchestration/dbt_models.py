"""The dbt project as assets and asset checks: one asset a model, one check a dbt test.

Belongs here: names, groups and the one call of dbt. Does not: what a model computes (transforms/models).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.instance import LAKE_WRITER
from orchestration.resources import DAILY, LakeDbt, owner
from warehouse.lake import Lake


class Translator(DagsterDbtTranslator):
    """Keys are [layer, table], groups and teams are the domain's word, as everywhere in the house."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return domain(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return owner(domain(dbt_resource_props))

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        # The stock one appends the whole SQL, which the model's own page shows anyway.
        return dbt_resource_props.get("description") or "A dbt model."

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        grain = dbt_resource_props.get("meta", {}).get("grain")
        own = {"grain": ", ".join(grain)} if grain else {}
        return {**super().get_metadata(dbt_resource_props), **own, "file": dbt_resource_props["original_file_path"]}

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        return {**super().get_tags(dbt_resource_props), "layer": dbt_resource_props["schema"]}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(freshness_policy=DAILY) if spec.key.path[0] == "gold" else spec


def domain(dbt_resource_props: Mapping[str, Any]) -> str:
    """The domain's word of a dbt resource: its dbt group, or the folder it lies in (models/<layer>/<domain>/…)."""
    group = dbt_resource_props.get("config", {}).get("group")
    return str(group or dbt_resource_props["fqn"][-2])


def dbt_assets_of(manifest: Path) -> dg.AssetsDefinition:
    """Every model and test of the manifest, built by one `dbt build` that any selection of them narrows."""

    @dbt_assets(
        manifest=json.loads(manifest.read_text()),
        name="dbt_build",
        pool=LAKE_WRITER,
        dagster_dbt_translator=Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True)),
    )
    def dbt_build(context: dg.AssetExecutionContext, dbt: LakeDbt, lake: dg.ResourceParam[Lake]) -> Iterator[Any]:
        yield from dbt.cli(["build"], context=context).stream()

    return dbt_build
