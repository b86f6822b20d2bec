"""The seven words, and what contracts may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.contracts import registry
from warehouse.contracts.table import Table, Type

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = {"origination", "servicing", "colending", "scf", "securitisation", "risk", "regulatory"}
# Folders whose children are domains, and the children that are something else.
DOMAIN_FOLDERS = {
    "transforms/models/staging": set(),
    "transforms/models/intermediate": set(),
    "transforms/models/marts": set(),
    "serving_api": {"static", "templates"},
}
MONEY_WORDS = (
    *("amount", "principal", "interest", "balance", "total_due", "total_overdue", "payment", "income", "fee", "cost"),
    *("limit", "value", "installment_amount"),
)


def every_table() -> list[Table]:
    return [table for name in ("BRONZE", "SILVER", "GOLD") for table in getattr(registry, name, ())]


@pytest.mark.parametrize("folder", DOMAIN_FOLDERS)
def test_only_the_seven_words_name_a_domain_folder(folder: str) -> None:
    found = {p.name for p in (ROOT / folder).glob("*/") if p.is_dir() and not p.name.startswith(("_", "."))}
    assert found - DOMAIN_FOLDERS[folder] <= DOMAINS


def test_every_table_belongs_to_one_of_the_seven() -> None:
    receipts = {"batches", "quarantine"}
    wrong = {table.qualified: table.domain for table in every_table() if table.domain not in DOMAINS}
    assert {name for name in wrong if name.split(".")[1] not in receipts | {"closings", "check_results"}} == set()


def test_a_mart_is_named_after_its_domain() -> None:
    for table in getattr(registry, "GOLD", ()):
        if "__" in table.name:
            assert table.name.split("__")[0] == table.domain, table.name


def test_money_is_never_a_float() -> None:
    money = [
        (table.qualified, field.name, field.type)
        for table in every_table()
        for field in table.stored_fields()
        if field.type.sql.startswith(("double", "float", "real"))
    ]
    assert [(t, n) for t, n, kind in money if kind is not Type.SCORE] == []
    assert [(t, n) for t, n, _ in money if n.startswith(MONEY_WORDS)] == []


def test_one_column_name_has_one_type_and_one_meaning() -> None:
    seen: dict[str, tuple[str, str, str]] = {}
    clashes = []
    for table in every_table():
        for field in table.stored_fields():
            first = seen.setdefault(field.name, (field.type.sql, field.meaning, table.qualified))
            if first[:2] != (field.type.sql, field.meaning):
                clashes.append((field.name, first, (field.type.sql, field.meaning, table.qualified)))
    assert clashes == []
