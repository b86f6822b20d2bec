"""The asset graph as a map of the business: keys, groups, owners, words, checks."""

from __future__ import annotations

import dagster as dg
import pytest

from orchestration.definitions import build
from orchestration.instance import LAKE_WRITER
from warehouse.contracts import registry
from warehouse.home import Home

DOMAINS = {"origination", "servicing", "colending", "scf", "securitisation", "risk", "regulatory"}
CLOSINGS = dg.AssetKey(["gold", "closings"])


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("house"))}))


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def test_every_asset_can_be_materialised(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get_all_asset_keys() == graph.materializable_asset_keys


def test_every_bronze_table_is_an_asset(specs: list[dg.AssetSpec]) -> None:
    tables = {table.name for table in (*registry.BRONZE, *registry.RECEIPTS)}
    assert {spec.key.path[1] for spec in specs if spec.key.path[0] == "bronze"} == tables


def test_every_asset_has_a_domain_an_owner_and_words(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        assert spec.group_name in DOMAINS, spec.key
        assert spec.owners == [f"team:{spec.group_name}"], spec.key
        assert spec.description, spec.key
        assert "select" not in spec.description.lower(), spec.key


def test_every_domain_of_gold_has_a_freshness_promise(specs: list[dg.AssetSpec]) -> None:
    assert [spec.key for spec in specs if spec.key.path[0] == "gold" and spec.freshness_policy is None] == []


def test_the_close_comes_after_everything_else(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    before = dg.AssetSelection.assets(CLOSINGS).upstream().resolve(graph)
    assert before == graph.get_all_asset_keys()


def test_whatever_writes_the_lake_waits_for_its_pool(definitions: dg.Definitions) -> None:
    writes_mlflow_only = {"models__pd_champion"}
    job = definitions.resolve_job_def("daily")
    without = {node.name for node in job.graph.nodes if LAKE_WRITER not in node.definition.pools}
    assert without == writes_mlflow_only


def test_bronze_and_dbt_tests_are_checks_in_one_list(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys}
    assert "loans_match_their_control_totals" in names
    assert any(key.asset_key == dg.AssetKey(["gold", "servicing__loan_latest"]) for key in graph.asset_check_keys)


def test_a_wrong_row_in_bronze_stops_what_is_built_on_it(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    key = dg.AssetCheckKey(dg.AssetKey(["bronze", "loans"]), "loans_have_one_row_per_key")
    assert graph.get_check_spec(key).blocking


def test_schedule_and_sensors_run_from_the_start(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {s.default_status for s in repository.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}
    assert {s.name for s in repository.sensor_defs} == {"landing_folder", "outbox", "bronze"}
