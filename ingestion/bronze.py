"""The SQL of ingestion: what bronze already has, and how rows are appended to it.

Belongs here: every statement ingestion runs on the lake. Does not: any decision about a row (examination.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from ingestion.parsing import ROW_NUMBER
from warehouse.bronze import ensure_tables
from warehouse.contracts import registry
from warehouse.contracts.origination import CUSTOMERS
from warehouse.contracts.receipt import BATCHES, QUARANTINE, RECEIPTS
from warehouse.contracts.table import Agreement, Table
from warehouse.lake import ALIAS

if TYPE_CHECKING:
    from ingestion.landing import Batch, Landed

# DuckDB reads polars' own text layout, and the older one is a copy of every string; but a join may hand its filter down
# to pyarrow, which cannot compare the new layout with the old.
_AS_IS = pl.CompatLevel.newest()


@dataclass(frozen=True)
class BatchState:
    """What the lake has of one table of one batch: whether it is recorded, and which row numbers went where."""

    is_recorded: bool
    accepted_rows: pl.Series
    quarantined_rows: pl.Series


def prepare(writer: duckdb.DuckDBPyConnection, table: Table | None = None) -> None:
    """Make the tables that a batch of this table reads or writes."""
    targets = (*table.references.values(), *(a.target for a in table.agreements)) if table else ()
    # Whatever the table, its keys are compared with the identifiers of customers.
    parents = [registry.bronze(target.split(".")[0]) for target in targets]
    ensure_tables(writer, (*([table, CUSTOMERS] if table else []), *parents, *RECEIPTS))


@contextmanager
def _registered(writer: duckdb.DuckDBPyConnection, **frames: Any) -> Iterator[None]:
    """Let statements name these Arrow tables while the block runs."""
    for name, frame in frames.items():
        writer.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            writer.unregister(name)


def batch_state(writer: duckdb.DuckDBPyConnection, table: Table, batch: Batch) -> BatchState:
    """What the lake has of this table of this batch."""
    recorded = writer.execute(
        f"select count(*) from {ALIAS}.{BATCHES.qualified} where batch_id = ? and table_name = ? "
        "and status_code <> 'REJECTED'",
        [batch.batch_id, table.name],
    ).fetchone()
    none = pl.Series(ROW_NUMBER, [], dtype=pl.Int64)
    if not recorded or not recorded[0]:
        return BatchState(False, none, none)
    accepted = writer.execute(
        f"select row_number from {ALIAS}.{table.qualified} where batch_id = ?", [batch.batch_id]
    ).pl()
    quarantined = writer.execute(
        f"select distinct row_number from {ALIAS}.{QUARANTINE.qualified} where batch_id = ? and table_name = ?",
        [batch.batch_id, table.name],
    ).pl()
    return BatchState(True, accepted[ROW_NUMBER], quarantined[ROW_NUMBER])


def is_settled(writer: duckdb.DuckDBPyConnection, batch_id: str, tables: tuple[str, ...]) -> bool:
    """Whether a batch is recorded for all these tables and none of its rows waits in quarantine."""
    recorded = writer.execute(
        f"select count(distinct table_name) from {ALIAS}.{BATCHES.qualified} "
        "where batch_id = ? and status_code <> 'REJECTED' and list_contains(?, table_name)",
        [batch_id, list(tables)],
    ).fetchone()
    if not recorded or recorded[0] != len(tables):
        return False
    waiting = writer.execute(
        f"select count(*) from {ALIAS}.{QUARANTINE.qualified} where batch_id = ? and released_at is null", [batch_id]
    ).fetchone()
    return waiting == (0,)


def has_note(writer: duckdb.DuckDBPyConnection, batch_id: str, note: str) -> bool:
    """Whether the record of a batch says so."""
    found = writer.execute(
        f"select count(*) from {ALIAS}.{BATCHES.qualified} where batch_id = ? and contains(message, ?)",
        [batch_id, note],
    ).fetchone()
    return found is not None and found[0] > 0


def is_rejected(writer: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    found = writer.execute(
        f"select count(*) from {ALIAS}.{BATCHES.qualified} where batch_id = ? and source = ? "
        "and status_code = 'REJECTED'",
        [batch.batch_id, batch.source],
    ).fetchone()
    return bool(found and found[0])


def rows_without_parent(writer: duckdb.DuckDBPyConnection, children: pl.DataFrame, target: str) -> pl.Series:
    """Row numbers whose reference is given and not in bronze. children: row_number and the referring column."""
    table, column = target.split(".")
    name = children.columns[1]
    children = children.filter(pl.col(name).is_not_null())
    if children.is_empty():
        return pl.Series(ROW_NUMBER, [], dtype=pl.Int64)
    with _registered(writer, children=children.to_arrow()):
        return writer.execute(
            f"select row_number from children anti join {ALIAS}.bronze.{table} as parents "
            f"on children.{name} = parents.{column} order by row_number"
        ).pl()[ROW_NUMBER]


def rows_that_disagree(
    writer: duckdb.DuckDBPyConnection, rows: pl.DataFrame, table: Table, agreement: Agreement
) -> pl.Series:
    """Row numbers that name a row which is not known, which differs in what must be the same, or which is later."""
    names = dict.fromkeys((*table.grain, *agreement.read))
    children = rows.filter(pl.col(agreement.column).is_not_null()).select(ROW_NUMBER, *names)
    if children.is_empty():
        return pl.Series(ROW_NUMBER, [], dtype=pl.Int64)
    target, key = agreement.target.split(".")
    day, earliest = agreement.not_before or (None, None)
    shown = ", ".join((key, *agreement.same, *([earliest] if earliest else [])))
    parents = f"select {shown} from {ALIAS}.bronze.{target}"
    same = [f"children.{name} = parents.{name}" for name in agreement.same]
    if earliest:
        same.append(f"(parents.{earliest} is null or children.{day} >= parents.{earliest})")
    known = {"children": children.to_arrow()}
    if target == table.name:
        parents += f" union all select {shown} from siblings"
        same.append(f"children.{agreement.column} <> children.{key}")
        siblings = rows.join(children.select(pl.col(agreement.column).alias(key)).unique(), on=key, how="semi")
        known["siblings"] = siblings.select(shown.split(", ")).to_arrow()
    with _registered(writer, **known):
        # The claims stand in a filter of an inner join: as conditions of the anti join they may make DuckDB compare
        # each row with each other row, forty seconds for 143,103 events of 30,000 loans.
        return writer.execute(
            "select row_number from children anti join ("
            f"select row_number from children inner join ({parents}) as parents "
            f"on children.{agreement.column} = parents.{key} where {' and '.join(same or ['true'])}"
            ") as agreeing using (row_number) order by 1"
        ).pl()[ROW_NUMBER]


def known_keys(writer: duckdb.DuckDBPyConnection, table: Table, good: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Row numbers whose key bronze has with equal content, and with other content (its latest version counts)."""
    none = pl.Series(ROW_NUMBER, [], dtype=pl.Int64)
    some = writer.execute(f"select 1 from {ALIAS}.{table.qualified} limit 1").fetchone()
    if some is None or good.is_empty():
        return none, none
    key = ", ".join(table.grain)
    latest = (
        f"select {key}, arg_max(row_hash, (received_at, batch_id, row_number)) as row_hash "
        f"from {ALIAS}.{table.qualified} semi join good using ({key}) group by {key}"
        if table.is_versioned
        else f"select {key}, row_hash from {ALIAS}.{table.qualified}"
    )
    with _registered(writer, good=good.select(ROW_NUMBER, *table.grain, "row_hash").to_arrow()):
        found = writer.execute(
            f"select good.row_number, good.row_hash = latest.row_hash as is_equal "
            f"from good inner join ({latest}) as latest using ({key}) order by 1"
        ).pl()
    return found.filter("is_equal")[ROW_NUMBER], found.filter(~pl.col("is_equal"))[ROW_NUMBER]


def known_tokens(writer: duckdb.DuckDBPyConnection, column: str, tokens: pl.Series) -> pl.Series:
    """Those of the tokens that some customer has in that column."""
    if tokens.is_empty():
        return tokens
    with _registered(writer, asked=tokens.alias("token").to_frame().to_arrow()):
        return writer.execute(
            f"select token from asked semi join {ALIAS}.bronze.customers as c on asked.token = c.{column}"
        ).pl()["token"]


def insert_rows(writer: duckdb.DuckDBPyConnection, table: Table, batch: Batch, accepted: pl.DataFrame) -> None:
    """Append accepted rows (stored columns, row_number, row_hash) with the columns of receipt."""
    if accepted.is_empty():
        return
    names = ", ".join(accepted.columns)
    with _registered(writer, accepted=accepted.to_arrow(compat_level=_AS_IS)):
        writer.execute(
            f"insert into {ALIAS}.{table.qualified} ({names}, source, batch_id, received_at) "
            f"select {names}, ?, ?, ? from accepted",
            [batch.source, batch.batch_id, batch.received_at],
        )


def insert_quarantine(writer: duckdb.DuckDBPyConnection, table: Table, batch: Batch, refused: pl.DataFrame) -> None:
    """Append refusals (row_number, column_name, value, reason, row)."""
    if refused.is_empty():
        return
    names = f'{ROW_NUMBER}, column_name, "value", reason, "row"'
    with _registered(writer, refused=refused.to_arrow()):
        writer.execute(
            f"insert into {ALIAS}.{QUARANTINE.qualified} "
            f"({names}, batch_id, table_name, source, file_name, received_at) "
            f"select {names}, ?, ?, ?, ?, ? from refused",
            [batch.batch_id, table.name, batch.source, batch.file_name, batch.received_at],
        )


def release(writer: duckdb.DuckDBPyConnection, table: Table, batch: Batch, accepted: pl.DataFrame) -> None:
    """Mark earlier refusals of rows that are accepted now."""
    with _registered(writer, accepted=accepted.select(ROW_NUMBER).to_arrow()):
        writer.execute(
            f"update {ALIAS}.{QUARANTINE.qualified} set released_at = ? where batch_id = ? and table_name = ? "
            "and released_at is null and row_number in (select row_number from accepted)",
            [batch.received_at, batch.batch_id, table.name],
        )


def insert_batch(writer: duckdb.DuckDBPyConnection, landed: Landed, batch: Batch) -> None:
    """Append the record of the batch."""
    values = {
        "batch_id": landed.batch_id,
        "table_name": landed.table or None,
        "source": landed.source,
        "file_name": landed.file_name,
        "status_code": landed.status,
        "message": landed.message or None,
        "received_at": batch.received_at,
        "control_column": landed.control_column,
        **{f"rows_{what}": getattr(landed, f"rows_{what}") for what in _WHATS},
        **{f"control_total_{what}": getattr(landed, f"control_total_{what}") for what in _WHATS},
    }
    writer.execute(
        f"insert into {ALIAS}.{BATCHES.qualified} ({', '.join(values)}) values ({', '.join('?' * len(values))})",
        list(values.values()),
    )


_WHATS = ("received", "accepted", "quarantined", "already_known")
