"""Rows that the API wrote, taken from the outbox of the transactional store into bronze.

Belongs here: reading the outbox in its order, and moving the watermark. Does not: that order
(warehouse/oltp/outbox.py), the checks of a row (landing.py). Rows and watermark are one commit of the lake: after a
crash either both are there or neither, so no row is lost and none is taken twice.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import Engine, func, inspect, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from ingestion import bronze
from ingestion.landing import Batch, Landed, land
from ingestion.parsing import ROW_NUMBER
from warehouse.bronze import ensure_tables
from warehouse.commits import in_one_commit
from warehouse.contracts import registry
from warehouse.contracts.outbox import WATERMARKS
from warehouse.contracts.table import Table, Type
from warehouse.home import Home
from warehouse.lake import ALIAS, Lake
from warehouse.oltp import make_engine
from warehouse.oltp.engine import store_url
from warehouse.oltp.outbox import Watermark, beyond, settled, store_id, watermark_in
from warehouse.oltp.tables import OUTBOX

SOURCE = "oltp"
# What the API may write, parents before what refers to them.
TABLES = tuple(registry.bronze(name) for name in ("applications", "events"))
ROWS_A_STEP = 50_000
AS_THEY_ARE = {Type.COUNT: pl.Int64(), Type.FLAG: pl.Boolean()}


class OutboxUnknown(RuntimeError):
    """The outbox holds a row for a table that this Lendhouse does not take from it."""


def ingest_outbox(lake: Lake, received_at: datetime, rows_a_step: int = ROWS_A_STEP) -> list[Landed]:
    """Take everything new from the outbox into bronze: one Landed a table and step; [] when nothing is new.

    received_at: an instant; a row written after it moves the receipt of its batch to the time it was written.
    Raises OutboxUnknown, and LakeBusy when another writer keeps the lake for too long.
    """
    engine = _open_store(lake.home)
    if engine is None:
        return []
    try:
        with lake.open_writer("taking in the outbox") as writer:
            _prepare(writer)
            landed: list[Landed] = []
            while step := _take(engine, writer, lake.home, received_at, rows_a_step):
                landed += step
            return landed
    finally:
        engine.dispose()


def newest_position(home: Home) -> str | None:
    """Where the outbox ends now, as text that changes whenever there is more to take; None when it is empty."""
    engine = _open_store(home)
    if engine is None:
        return None
    try:
        order = (OUTBOX.c.transaction_number.desc(), OUTBOX.c.position.desc())
        wanted = select(OUTBOX.c.transaction_number, OUTBOX.c.position).where(settled(engine.dialect.name))
        with Session(engine) as session:
            row = session.execute(wanted.order_by(*order).limit(1)).one_or_none()
        return None if row is None else f"{row.transaction_number}.{row.position}"
    finally:
        engine.dispose()


def outbox_lag(lake: Lake, now: datetime) -> tuple[int, timedelta]:
    """Rows that wait to be taken, those held back by an open transaction included, and the age of the oldest."""
    engine = _open_store(lake.home)
    if engine is None:
        return 0, timedelta(0)
    try:
        with Session(engine) as session:
            watermark = _watermark(lake, store_id(session))
            waiting: int = session.execute(select(func.count(OUTBOX.c.position)).where(beyond(watermark))).scalar_one()
            oldest: datetime | None = session.execute(
                select(func.min(OUTBOX.c.created_at)).where(beyond(watermark))
            ).scalar_one()
        return waiting, (now - oldest if oldest else timedelta(0))
    finally:
        engine.dispose()


def _watermark(lake: Lake, store: str) -> Watermark:
    if not lake.exists():
        return Watermark()
    reader = lake.open_reader(head=True)
    try:
        return watermark_in(reader, store)
    finally:
        reader.close()


def _open_store(home: Home) -> Engine | None:
    """The transactional store, or None when there is none yet; looking does not make one."""
    address = store_url(home.oltp_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return None
    engine = make_engine(home.oltp_url)
    if inspect(engine).has_table(OUTBOX.name):
        return engine
    engine.dispose()
    return None


def _prepare(writer: duckdb.DuckDBPyConnection) -> None:
    """Make the tables first: a step is one transaction, and tables are made in one of their own."""
    for table in TABLES:
        bronze.prepare(writer, table)
    ensure_tables(writer, (WATERMARKS,))


def _take(
    engine: Engine, writer: duckdb.DuckDBPyConnection, home: Home, received_at: datetime, rows_a_step: int
) -> list[Landed]:
    """One step: the next rows of the outbox and the watermark behind them, in one commit."""
    with Session(engine) as session:
        store = store_id(session)
        rows = _next_rows(session, watermark_in(writer, store), rows_a_step)
    if not rows:
        return []
    batch = _batch(home, store, rows, received_at)
    frames = _frames(rows)

    def step() -> list[Landed]:
        landed = [land(frames[table.name], table, batch, writer) for table in TABLES if table.name in frames]
        _move_watermark(writer, store, batch, rows)
        return landed

    return in_one_commit(writer, step)


def _next_rows(session: Session, watermark: Watermark, rows_a_step: int) -> list[Row[Any]]:
    """The next rows in order, and of those only what no slower transaction can still precede."""
    order = (OUTBOX.c.transaction_number, OUTBOX.c.position)
    wanted = select(OUTBOX).where(beyond(watermark), settled(session.get_bind().dialect.name))
    return list(session.execute(wanted.order_by(*order).limit(rows_a_step)).all())


def _batch(home: Home, store: str, rows: list[Row[Any]], received_at: datetime) -> Batch:
    digest = hashlib.sha256(store.encode())
    for row in rows:
        digest.update(json.dumps([row.position, row.table_name, row.payload], sort_keys=True).encode())
    positions = [row.position for row in rows]
    name = f"outbox {min(positions)}-{max(positions)}"
    # Rows may have been written after the caller looked at the clock; they are not in the future because of that.
    known_at = max(received_at, *(row.created_at for row in rows))
    return Batch.of(home, SOURCE, digest.hexdigest(), name, known_at)


def _frames(rows: list[Row[Any]]) -> dict[str, pl.DataFrame]:
    """The rows of each table under its contract's names; row_number is the position in the outbox."""
    known = {table.name: table for table in TABLES}
    by_table: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.table_name not in known:
            message = (
                f"position {row.position} of the outbox is for table {row.table_name!r}, which is not taken from it"
            )
            raise OutboxUnknown(f"{message}; update Lendhouse, then run this again")
        by_table.setdefault(row.table_name, []).append({ROW_NUMBER: row.position, **row.payload})
    return {name: pl.DataFrame(found, schema=_schema(known[name])) for name, found in by_table.items()}


def _schema(table: Table) -> dict[str, pl.DataType]:
    """Money, dates and instants are text in the outbox, so that no float ever comes near them."""
    return {ROW_NUMBER: pl.Int64(), **{f.name: AS_THEY_ARE.get(f.type, pl.String()) for f in table.fields}}


def _move_watermark(writer: duckdb.DuckDBPyConnection, store: str, batch: Batch, rows: list[Row[Any]]) -> None:
    last = rows[-1]
    writer.execute(
        f"insert into {ALIAS}.{WATERMARKS.qualified} "
        "(store_id, transaction_number, position, rows_read, batch_id, received_at) values (?, ?, ?, ?, ?, ?)",
        [store, last.transaction_number, last.position, len(rows), batch.batch_id, batch.received_at],
    )
