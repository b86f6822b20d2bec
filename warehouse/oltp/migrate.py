"""Bring a transactional store to the newest revision; safe when several programs start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from warehouse.oltp.engine import for_writing, make_engine

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as every program asks for the same one.
ADVISORY_LOCK = 4_717_001


class StoreTooNew(RuntimeError):
    """The store was made by a newer Lendhouse than this one."""


def migrate(url: str) -> str:
    """Run the migrations that the store at url lacks; the revision it then has. Raises StoreTooNew."""
    engine = make_engine(url)
    try:
        if revision_of(engine) == newest():
            return newest()
        with for_writing(engine).begin() as connection:
            _upgrade(connection)
        return newest()
    finally:
        engine.dispose()


def revision_of(engine: Engine) -> str | None:
    """The revision a store is at; null when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The newest revision this Lendhouse knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local lock_timeout = 0; set local statement_timeout = 0"))
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise StoreTooNew(
            f"the transactional store is at revision {present}, made by a newer Lendhouse; update this one"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
