"""dbt's property files, written from the contracts: sources, columns, grains and the tests that follow from them.

Belongs here: what a contract implies for dbt. Does not: SQL, exposures, a test that needs thought (transforms/tests).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from warehouse.contracts import registry
from warehouse.contracts.table import Layer, Table, Type
from warehouse.home import REPOSITORY

MODELS = REPOSITORY / "transforms" / "models"
HEADER = "# Written by `make contracts` from warehouse/contracts; edit there.\n"
DOMAINS = ("origination", "servicing", "scf", "risk")


def rendered() -> dict[Path, str]:
    """The property files and what they should hold."""
    files = {MODELS / "_sources.yml": _sources(), MODELS / "_groups.yml": _groups()}
    for table in registry.tables(Layer.SILVER, Layer.GOLD):
        if folder := model_folder(table):
            files.setdefault(folder / f"_{folder.parent.name}_{folder.name}.yml", "")
    for file in files:
        if file.parent != MODELS:
            files[file] = _properties(t for t in registry.tables() if model_folder(t) == file.parent)
    return files


def model_folder(table: Table) -> Path | None:
    """Where the model that builds a table lives; None when no dbt model does."""
    layer = {"stg": "staging", "int": "intermediate"}.get(table.name.split("_")[0], "marts")
    folder = MODELS / layer / table.domain
    is_model = table.layer is not Layer.BRONZE and any(
        (folder / f"{table.name}{end}").exists() for end in (".sql", ".py")
    )
    return folder if is_model else None


def _sources() -> str:
    bronze = {
        "name": "bronze",
        "database": "lake",
        "schema": "bronze",
        "tables": [_source(t) for t in (*registry.BRONZE, *registry.RECEIPTS)],
    }
    kernels = {
        "name": "kernels",
        "description": "Whole-book results of compiled kernels (transforms/books).",
        "database": "lake",
        "schema": "silver",
        "tables": [_source(t) | {"data_tests": _tests(t)} for t in registry.WRITTEN_BY_KERNELS],
    }
    return _dump({"version": 2, "sources": [bronze, kernels]})


def _source(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.meaning,
        # The asset that writes the table: dbt's own naming would be [source, table].
        "config": {"meta": {"grain": list(table.grain), "dagster": {"asset_key": [table.layer.value, table.name]}}},
        "columns": [_column(table, f.name, with_test=False) for f in table.stored_fields()],
    }


def _groups() -> str:
    groups = [{"name": domain, "owner": {"name": domain}} for domain in DOMAINS]
    return _dump({"version": 2, "groups": groups})


def _properties(tables: Iterable[Table]) -> str:
    return _dump({"version": 2, "models": [_model(table) for table in tables]})


def _model(table: Table) -> dict[str, Any]:
    is_public = table.layer is Layer.GOLD or table.name in _read_by_other_domains()
    return {
        "name": table.name,
        "description": table.meaning,
        "config": {"access": "public" if is_public else "private", "meta": {"grain": list(table.grain)}},
        "data_tests": _tests(table),
        "columns": [_column(table, f.name) for f in table.stored_fields()],
    }


def _column(table: Table, name: str, with_test: bool = True) -> dict[str, Any]:
    field = next(f for f in table.stored_fields() if f.name == name)
    column: dict[str, Any] = {"name": name, "description": field.meaning, "data_type": field.type.sql}
    if with_test and table.layer is Layer.GOLD and table.is_required(name):
        column["constraints"] = [{"type": "not_null"}]
    if with_test and name in table.references:
        model, key = table.references[name].split(".")
        claim = {"name": f"known_{name}_{table.name}", "arguments": {"to": f"ref('{model}')", "field": key}}
        column["data_tests"] = [{"relationships": claim}]
    return column


def _tests(table: Table) -> list[dict[str, Any]]:
    """What staging shows was checked at the border of bronze, and what intermediate views show is checked in the marts
    that read them; marts refuse nulls when they are written."""
    tests = [_test(table, "unique_grain", columns=list(table.grain))]
    codes = {f.name: list(f.codes) for f in table.fields if f.type is Type.CODE and f.codes}
    required = [f.name for f in table.stored_fields() if table.is_required(f.name)]
    is_from_kernel = table in registry.WRITTEN_BY_KERNELS
    if codes and (is_from_kernel or table.layer is Layer.GOLD):
        tests.append(_test(table, "known_codes", codes=codes))
    if is_from_kernel:
        tests.append(_test(table, "required_columns", columns=required))
    return tests


def _test(table: Table, claim: str, **arguments: Any) -> dict[str, Any]:
    return {claim: {"name": f"{claim}_{table.name}", "arguments": arguments}}


def _read_by_other_domains() -> set[str]:
    """Models that a model of another domain reads by name: they are public, all others private to their domain."""
    tables = {t.name: t for t in registry.tables(Layer.SILVER, Layer.GOLD)}
    readers = [(t.domain, folder / f"{t.name}.sql") for t in tables.values() if (folder := model_folder(t))]
    found = {
        name
        for domain, file in readers
        if file.exists()
        for name, table in tables.items()
        if table.domain != domain and f"ref('{name}')" in file.read_text()
    }
    referenced = {
        target.split(".")[0]
        for table in tables.values()
        for target in table.references.values()
        if target.split(".")[0] in tables and tables[target.split(".")[0]].domain != table.domain
    }
    return found | referenced


def _dump(content: dict[str, Any]) -> str:
    return HEADER + yaml.safe_dump(content, sort_keys=False, width=118, allow_unicode=True)
