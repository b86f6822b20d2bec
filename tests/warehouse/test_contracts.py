"""What may be declared as a contract, and what the declared ones promise."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import polars as pl
import pytest

from warehouse.bronze import create_sql, ensure_bronze
from warehouse.contracts import fields as f
from warehouse.contracts import registry
from warehouse.contracts.table import Layer, Table, Type
from warehouse.home import Home
from warehouse.lake import Lake

OWNERSHIP = {"branch_id", "entity_id", "product_code", "currency"}
FACTS = ("applications", "loans", "invoices")


def table(**changes: object) -> Table:
    settings = {"grain": ("loan_id",), "fields": (f.LOAN_ID, f.PRINCIPAL)} | changes
    return Table("t", "servicing", Layer.BRONZE, "One row per loan.", **settings)  # type: ignore[arg-type]


def test_a_column_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        table(fields=(f.LOAN_ID, f.LOAN_ID))


@pytest.mark.parametrize("where", ["grain", "optional", "references"])
def test_a_contract_that_names_an_unknown_column_is_refused(where: str) -> None:
    unknown: dict[str, object] = {
        "grain": ("nothing",),
        "optional": frozenset({"nothing"}),
        "references": {"nothing": ""},
    }
    with pytest.raises(ValueError, match=rf"t: {where} names unknown columns \['nothing'\]"):
        table(**{where: unknown[where]})


def test_an_identifier_of_a_person_is_stored_as_token_and_last_four() -> None:
    assert [field.name for field in f.PAN.stored()] == ["pan_token", "pan_last4"]
    assert f.LOAN_ID.stored() == (f.LOAN_ID,)


@pytest.mark.parametrize("each", registry.tables(), ids=lambda t: t.qualified)
def test_a_table_says_what_one_row_is(each: Table) -> None:
    assert each.meaning.startswith("One row per ")
    assert each.grain
    assert all(field.meaning for field in each.stored_fields())


@pytest.mark.parametrize("each", registry.BRONZE, ids=lambda t: t.name)
def test_references_point_to_a_key(each: Table) -> None:
    for column, target in each.references.items():
        name, key = target.split(".")
        assert registry.bronze(name).grain == (key,), column


@pytest.mark.parametrize("name", FACTS)
def test_facts_carry_who_owns_the_account(name: str) -> None:
    assert {field.name for field in registry.bronze(name).fields} >= OWNERSHIP


def test_marts_of_money_carry_its_currency() -> None:
    for mart in registry.tables(Layer.GOLD):
        names = {field.name for field in mart.stored_fields()}
        if any(field.type is Type.MONEY for field in mart.stored_fields()):
            assert "currency" in names, mart.name


@pytest.mark.parametrize("kind", list(Type))
def test_a_type_is_the_same_in_sql_and_in_polars(kind: Type) -> None:
    frame = pl.DataFrame(schema={"v": kind.polars}).to_arrow()
    with duckdb.connect() as connection:
        connection.execute(f"create table t (v {kind.sql})")
        connection.register("frame", frame)
        declared = connection.execute("select column_type from (describe t)").fetchone()
        arrived = connection.execute("select column_type from (describe frame)").fetchone()
    assert declared == arrived


def test_money_holds_the_largest_property_to_the_paisa() -> None:
    ten_thousand_crore = Decimal("100000000000.01")
    frame = pl.DataFrame({"v": [ten_thousand_crore]}, schema={"v": Type.MONEY.polars})
    assert frame["v"].to_list() == [ten_thousand_crore]


def test_every_declared_table_can_be_made(lake: Lake) -> None:
    with lake.open_writer("a test") as connection:
        made = ensure_bronze(connection)
        assert set(made) >= {each.name for each in registry.BRONZE}
        assert ensure_bronze(connection) == []
        for each in registry.tables(Layer.SILVER, Layer.GOLD):
            connection.execute(create_sql(each))


def test_settings_of_the_environment_place_everything() -> None:
    home = Home.from_environment({"LENDHOUSE_HOME": "~/house", "LENDHOUSE_OLTP_URL": "postgresql://h/oltp"})
    assert home.root.is_absolute()
    assert home.lake_catalog_url == f"sqlite:///{home.root / 'lake' / 'catalog.sqlite'}"
    assert home.oltp_url == "postgresql://h/oltp"


def test_a_secret_is_made_once_and_is_for_its_owner_only(home: Home) -> None:
    first = home.secret("token")
    assert home.secret("token") == first
    assert len(first) >= 32
    assert (home.root / "secrets" / "token").stat().st_mode & 0o077 == 0
