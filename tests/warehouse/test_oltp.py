"""The transactional store on both databases: its migrations, its types, and that a fact stays as written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from warehouse.oltp import make_engine, migrate, revision_of
from warehouse.oltp.engine import store_url
from warehouse.oltp.migrate import MIGRATIONS, StoreTooNew, newest
from warehouse.oltp.tables import APPLICATIONS, FACTS, LOAN_EVENTS, METADATA, OUTBOX

NOW = datetime(2026, 11, 22, 6, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    return f"sqlite:///{tmp_path / 'oltp' / 'store.sqlite'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


def add_event(engine: Engine, **changes: Any) -> None:
    row = {"event_id": "E1", "loan_id": "L1", "event_type_code": "payment", "value_on": date(2026, 11, 22)}
    row |= {"booked_at": NOW, "amount": Decimal("9999999999999999.99"), "currency": "INR", **changes}
    with engine.begin() as connection:
        outbox = insert(OUTBOX).values(table_name="events", payload={"a": "1"}, created_at=NOW)
        position = connection.execute(outbox.returning(OUTBOX.c.position)).scalar_one()
        connection.execute(insert(LOAN_EVENTS).values(outbox_position=position, **row))


def test_migrations_make_what_the_contracts_declare(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_again_changes_nothing(engine: Engine, url: str) -> None:
    add_event(engine)
    assert migrate(url) == revision_of(engine) == newest()
    with engine.connect() as connection:
        assert len(connection.execute(select(LOAN_EVENTS)).all()) == 1


def test_programs_that_start_together_migrate_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda _: migrate(url), range(6))) == {newest()}


def test_newest_revision_is_the_last_of_one_line() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest()]


def test_store_of_a_newer_lendhouse_is_left_alone(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        migrate(url)


def test_amounts_and_instants_come_back_as_they_were(engine: Engine) -> None:
    add_event(engine)
    with engine.connect() as connection:
        row = connection.execute(select(LOAN_EVENTS)).one()
    assert (row.amount, row.booked_at, row.value_on) == (Decimal("9999999999999999.99"), NOW, date(2026, 11, 22))


@pytest.mark.parametrize(
    "change",
    [{"amount": 1.5}, {"amount": Decimal("1.005")}, {"booked_at": datetime(2026, 11, 22)}],  # noqa: DTZ001
)
def test_inexact_values_are_not_stored(engine: Engine, change: dict[str, Any]) -> None:
    with pytest.raises((StatementError, TypeError, ValueError)):
        add_event(engine, **change)
    with engine.connect() as connection:
        assert connection.execute(select(OUTBOX)).all() == []


@pytest.mark.parametrize("table", FACTS)
def test_facts_are_append_only(engine: Engine, table: str) -> None:
    add_event(engine)
    columns = {"applications": "currency", "loan_events": "currency", "audit": "actor", "outbox": "table_name"}
    if engine.dialect.name == "sqlite" and table in ("applications", "audit"):
        _add_one_row(engine, table)  # SQLite looks at each row, PostgreSQL at the statement
    for statement in (f"update {table} set {columns[table]} = 'X'", f"delete from {table}"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


def _add_one_row(engine: Engine, table: str) -> None:
    row: dict[str, Any] = {"happened_at": NOW, "actor": "a", "action": "b", "table_name": "c", "row_key": "d"}
    row |= {"request_id": "e", "after_hash": "f"}
    if table == "applications":
        row = {c.name: "X" for c in APPLICATIONS.c if not c.nullable}
        row |= {"applied_on": date(2026, 1, 1), "amount_requested": Decimal(1), "created_at": NOW, "outbox_position": 1}
    with engine.begin() as connection:
        connection.execute(insert(METADATA.tables[table]).values(**row))


def test_event_without_its_outbox_row_is_refused(engine: Engine) -> None:
    row = {"event_id": "E1", "loan_id": "L1", "event_type_code": "payment", "value_on": date(2026, 11, 22)}
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(insert(LOAN_EVENTS).values(currency="INR", outbox_position=99, **row))


@pytest.mark.parametrize("wrong", ["mysql://user:hunter2@host/db", "sqlite://", "sqlite:///:memory:"])
def test_other_stores_are_refused_without_showing_the_password(wrong: str) -> None:
    with pytest.raises(ValueError, match="LENDHOUSE_OLTP_URL") as refused:
        store_url(wrong)
    assert "hunter2" not in str(refused.value)


def test_failed_statement_does_not_show_its_values(engine: Engine) -> None:
    add_event(engine, payment_reference="9876543210")
    with pytest.raises(DBAPIError) as failed:
        add_event(engine, payment_reference="9876543210", loan_id="L9")
    assert "9876543210" not in str(failed.value)
