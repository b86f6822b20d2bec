"""The dbt project as declared: grains, tests, groups and the property files that contracts render."""

from __future__ import annotations

import json
from typing import Any

import pytest

from transforms import runner
from warehouse.contracts import registry
from warehouse.contracts.table import Layer
from warehouse.home import REPOSITORY, Home
from warehouse.render_dbt import model_folder, rendered

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("home"))})
    parsed: Node = json.loads(runner.manifest(home).read_text())
    return parsed


@pytest.fixture(scope="module")
def models(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def claims_about(manifest: Node, node: Node) -> list[Node]:
    found = [one for one in manifest["nodes"].values() if one.get("attached_node") == node["unique_id"]]
    assert all(one["resource_type"] == "test" for one in found)
    return found


def test_each_model_says_what_one_row_is(models: list[Node]) -> None:
    assert len(models) > 20
    assert not [m["name"] for m in models if not m["description"].startswith("One row per ")]
    assert not [m["name"] for m in models if not m["config"]["meta"].get("grain")]


def test_each_model_is_unique_on_exactly_its_grain(manifest: Node, models: list[Node]) -> None:
    for model in models:
        grains = [
            one["test_metadata"]["kwargs"]["columns"]
            for one in claims_about(manifest, model)
            if one["test_metadata"]["name"] == "unique_grain"
        ]
        assert grains == [model["config"]["meta"]["grain"]], model["name"]


def test_each_reference_of_a_contract_is_tested(manifest: Node, models: list[Node]) -> None:
    tables = {table.name: table for table in registry.tables(Layer.SILVER, Layer.GOLD)}
    for model in models:
        tested = {
            one["test_metadata"]["kwargs"]["column_name"]
            for one in claims_about(manifest, model)
            if one["test_metadata"]["name"] == "relationships"
        }
        assert tested == set(tables[model["name"]].references), model["name"]


def test_marts_are_public_and_under_contract(models: list[Node]) -> None:
    marts = [m for m in models if m["schema"] == "gold"]
    assert {m["name"] for m in marts} == {t.name for t in registry.GOLD if model_folder(t)}
    assert all(m["config"]["contract"]["enforced"] and m["access"] == "public" for m in marts)


def test_models_belong_to_their_domain_and_schema(models: list[Node]) -> None:
    for model in models:
        layer, domain = model["fqn"][1:3]
        assert model["group"] == domain, model["name"]
        assert model["schema"] == ("gold" if layer == "marts" else "silver"), model["name"]


def test_staging_reads_sources_and_marts_read_models(models: list[Node]) -> None:
    for model in models:
        parents = {parent.split(".")[0] for parent in model["depends_on"]["nodes"]}
        staged = [parent for parent in model["depends_on"]["nodes"] if ".stg_" in parent]
        if model["fqn"][1] == "staging":
            assert parents == {"source"}, model["name"]
            assert model["config"]["materialized"] == "view"
        elif model["fqn"][1] == "intermediate":
            assert not [p for p in model["depends_on"]["nodes"] if p.split(".")[-1].split("__")[0] in DOMAINS], staged


DOMAINS = ("origination", "servicing", "risk", "scf")


def test_sources_carry_the_key_of_the_asset_that_writes_them(manifest: Node) -> None:
    for source in manifest["sources"].values():
        key = source["config"]["meta"]["dagster"]["asset_key"]
        assert key == [source["schema"], source["name"]]


def test_screens_and_routes_are_named(manifest: Node) -> None:
    assert {e["name"] for e in manifest["exposures"].values()} >= {"portfolio_page", "data_quality_page", "loan_route"}


def test_rendering_changes_nothing() -> None:
    stale = [str(path.relative_to(REPOSITORY)) for path, text in rendered().items() if path.read_text() != text]
    assert not stale, f"run `make contracts`: {stale}"


def test_every_silver_and_gold_contract_has_a_writer() -> None:
    written = {t.name for t in registry.WRITTEN_BY_KERNELS} | {"risk__score_monthly"}
    orphans = [t.name for t in (*registry.SILVER, *registry.GOLD) if not model_folder(t) and t.name not in written]
    assert not orphans
