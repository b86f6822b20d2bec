"""How far the outbox has been read, and what lies beyond: one rule for whoever extracts it and whoever shows the rest.

Belongs here: the watermark and the order of the outbox. Does not: landing its rows (ingestion/outbox.py).

The order is (transaction_number, position). A position is drawn early and its transaction may commit late, so in
PostgreSQL only rows of transactions below pg_snapshot_xmin are read: all of those have ended, and whatever is still
open has a higher transaction number and so comes later in this order. SQLite has one writer at a time and positions
follow its commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, true, tuple_
from sqlalchemy.orm import Session

from warehouse.oltp.tables import OUTBOX, STORE_IDENTITY


@dataclass(frozen=True, order=True)
class Watermark:
    """The last outbox row that is in the lake; (0, 0) when none is."""

    transaction_number: int = 0
    position: int = 0


def beyond(watermark: Watermark) -> ColumnElement[bool]:
    """Outbox rows that come after the watermark."""
    columns = (OUTBOX.c.transaction_number, OUTBOX.c.position)
    return tuple_(*columns) > tuple_(
        bindparam(None, watermark.transaction_number, type_=columns[0].type),
        bindparam(None, watermark.position, type_=columns[1].type),
    )


def settled(dialect: str) -> ColumnElement[bool]:
    """Outbox rows before which no other row can still appear."""
    if dialect != "postgresql":
        return true()
    return OUTBOX.c.transaction_number < func.pg_snapshot_xmin(func.pg_current_snapshot())


def store_id(session: Session) -> str:
    """Which store this is; positions of different stores cannot be compared."""
    return str(session.execute(select(STORE_IDENTITY.c.store_id)).scalar_one())


def watermark_in(connection: Any, store: str) -> Watermark:
    """How far the lake of this DuckDB connection has read the outbox of a store, at the snapshot it sees."""
    # fetchall, not fetchone: a result not read to its end keeps the catalog's read lock, and no build can commit.
    found = connection.execute(
        "select count(*) from duckdb_tables() "
        "where database_name = 'lake' and schema_name = 'bronze' and table_name = 'watermarks'"
    ).fetchall()
    if not found[0][0]:
        return Watermark()
    rows = connection.execute(
        "select transaction_number, position from lake.bronze.watermarks where store_id = ? "
        "order by transaction_number desc, position desc limit 1",
        [store],
    ).fetchall()
    return Watermark(*rows[0]) if rows else Watermark()
