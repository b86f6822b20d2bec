"""Bring a transactional store to the newest revision; safe when several programs start at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from warehouse.oltp.engine import for_writing, make_engine

# Alembic itself is loaded only when there is something to migrate: it is a third of the API's starting time.
if TYPE_CHECKING:
    from alembic.config import Config

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
        return _revision(connection)


def newest() -> str:
    """The newest revision this Lendhouse knows; files are named <revision>_<what>.py and follow one line."""
    return max(_known())


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local lock_timeout = 0; set local statement_timeout = 0"))
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    present = _revision(connection)
    if present is not None and present not in _known():
        raise StoreTooNew(
            f"the transactional store is at revision {present}, made by a newer Lendhouse; update this one"
        )
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _known() -> set[str]:
    return {path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
