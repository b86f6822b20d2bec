"""How programs open the transactional store.

Belongs here: URLs, pragmas, time-outs, and what a transaction begins with. Does not: sessions of a request
(serving_api/db.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

BUSY_SECONDS = 5
# A transaction that is left open holds back what ingestion may read from the outbox, so the server ends it.
POSTGRES_OPTIONS = (
    f"-c lock_timeout={BUSY_SECONDS}s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
)
WRITES = "lendhouse_writes"


def store_url(url: str) -> URL:
    """The store's address as SQLAlchemy wants it. Raises ValueError for anything but SQLite and PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    given = parsed.render_as_string(hide_password=True)
    raise ValueError(f"LENDHOUSE_OLTP_URL must be sqlite:///FILE or postgresql://…, got {given}")


def make_engine(url: str) -> Engine:
    """An engine for the store at url; nothing is opened yet. Statement values never reach a log or a message."""
    address = store_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    return create_engine(
        address,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": BUSY_SECONDS, "options": POSTGRES_OPTIONS},
    )


def for_writing(engine: Engine) -> Engine:
    """The same pool; in SQLite its transactions take the write lock at their beginning, and so never fail half-way."""
    return engine.execution_options(**{WRITES: True})


def _sqlite(address: URL) -> Engine:
    Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, hide_parameters=True, pool_timeout=BUSY_SECONDS, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        # The driver would otherwise begin transactions itself, and later than we ask.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS}000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
