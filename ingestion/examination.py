"""A received frame split into rows to accept, rows already known and rows to refuse with their reasons.

Belongs here: the order of the checks, and what quarantine shows of a refused row. Does not: the checks of one row
(gate.py), keys that are identifiers (borrowed_keys.py), the SQL that asks the lake (bronze.py), writing (landing.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from ingestion import borrowed_keys, bronze, gate, masking
from ingestion.parsing import MARK, ROW_NUMBER, as_text, parsed
from ingestion.row_hash import row_hashes
from warehouse.contracts.table import RECEIPT, Rule, Table

if TYPE_CHECKING:
    from ingestion.landing import Batch

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Examined:
    """accepted: stored columns with row_number and row_hash. already_known, quarantined: rows, each counted by itself.
    refused: what quarantine gets, as row_number, column_name, value, reason, row; refusals noted at an earlier time
    are left out.

    identifiers_found: rows that held an identifier where none belongs, now masked.
    totals: the control column's sum over the rows received, accepted, quarantined and already_known; {} without one.
    typed: every row looked at, with contract columns in their types and personal ones in clear; refusals: why each
    refused row of it was refused (row_number, check, column_name, reason). For checked() only.
    """

    received: int
    accepted: pl.DataFrame
    already_known: int
    quarantined: int
    refused: pl.DataFrame
    identifiers_found: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    typed: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    refusals: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)


def examine(
    received: pl.DataFrame,
    table: Table,
    batch: Batch,
    writer: duckdb.DuckDBPyConnection,
    state: bronze.BatchState,
    rules: Sequence[Rule] = (),
) -> Examined:
    """Split the received rows. The lake is read, never written; state: what it already has of this batch."""
    typed, hidden = masking.without_hidden(gate.validity(parsed(received, table), table), table)
    extra = _columns_of_rules(received, table, rules)
    frame = typed if extra is None else pl.concat([typed, extra], how="horizontal")
    frame, taken = _without(frame, state.accepted_rows)
    marked = [name for name in frame.columns if name.endswith(MARK)]
    refused = gate.refusals(frame, gate.checks(table, marked, batch.received_at, rules))
    refused = pl.concat([refused, *borrowed_keys.borrowed_keys(frame, table, batch, writer)])
    refused = pl.concat([refused, *_unknown_references(frame, refused, table, writer)])
    refused = pl.concat([refused, *_disagreements(frame, refused, table, writer)])
    good = _storable(_without(frame, refused[ROW_NUMBER])[0], table, batch)
    good, conflicts, repeated = _split_known(good, table, writer)
    refused = pl.concat([refused, conflicts]).unique(maintain_order=True)
    known = pl.concat([repeated, taken[ROW_NUMBER]])
    described, masked_rows = _described(refused, received, frame, table, batch.token_key, state)
    return Examined(
        received=received.height,
        accepted=good,
        already_known=known.n_unique(),
        quarantined=refused[ROW_NUMBER].n_unique(),
        refused=described,
        identifiers_found=hidden + masked_rows,
        totals=_totals(typed, good, refused[ROW_NUMBER], known, table),
        typed=frame,
        refusals=refused,
    )


def _columns_of_rules(received: pl.DataFrame, table: Table, rules: Sequence[Rule]) -> pl.DataFrame | None:
    names = {name for rule in rules for name in rule.holds.meta.root_names()} - {f.name for f in table.fields}
    return received.select(sorted(names)) if names else None


def _without(frame: pl.DataFrame, row_numbers: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame without and with only the rows of those numbers."""
    if row_numbers.is_empty():
        return frame, frame.clear()
    numbers = row_numbers.unique().to_frame(ROW_NUMBER)
    return frame.join(numbers, on=ROW_NUMBER, how="anti", maintain_order="left"), frame.join(
        numbers, on=ROW_NUMBER, how="semi", maintain_order="left"
    )


def _storable(frame: pl.DataFrame, table: Table, batch: Batch) -> pl.DataFrame:
    """The good rows as the lake keeps them, hashed."""
    stored = masking.tokenised(frame, table, batch.token_key)
    received = {column.name for column in RECEIPT}
    names = [column.name for column in table.stored_fields() if column.name not in received]
    stored = stored.select(ROW_NUMBER, *names)
    return stored.with_columns(row_hashes(stored, names))


def _unknown_references(
    frame: pl.DataFrame, refused: pl.DataFrame, table: Table, writer: duckdb.DuckDBPyConnection
) -> list[pl.DataFrame]:
    found = []
    for name, target in table.references.items():
        numbers = bronze.rows_without_parent(
            writer, gate.sound(frame.select(ROW_NUMBER, name), (name,), refused), target
        )
        reason = f"unknown {name}: not in {target}; send that row first, then this file again"
        found.append(gate.refused(numbers, "known", (name,), reason))
    return found


def _disagreements(
    frame: pl.DataFrame, refused: pl.DataFrame, table: Table, writer: duckdb.DuckDBPyConnection
) -> list[pl.DataFrame]:
    """Refusals of rows that are good but for another row they name; again while a refused one was named by others."""
    found: list[pl.DataFrame] = []
    rows = _without(frame, refused[ROW_NUMBER])[0] if table.agreements else frame.clear()
    while not rows.is_empty():
        numbers = [bronze.rows_that_disagree(writer, rows, table, agreement) for agreement in table.agreements]
        for disagreeing, agreement in zip(numbers, table.agreements, strict=True):
            found.append(gate.refused(disagreeing, agreement.name, agreement.columns, agreement.reason))
        bad = pl.concat(numbers)
        if bad.is_empty():
            break
        rows = _without(rows, bad)[0]
    return found


def _split_known(
    good: pl.DataFrame, table: Table, writer: duckdb.DuckDBPyConnection
) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    """New rows; refusals of known keys with other content; numbers of rows that repeat what is known."""
    key = ", ".join(table.grain)
    good, twice, repeats = _split_repeated(good, table.grain)
    reason = f"the key {key} came before in this file with different content"
    conflicts = [gate.refused(twice, "consistent", table.grain, reason)]
    equal, different = bronze.known_keys(writer, table, good)
    if not table.is_versioned:
        reason = f"the key {key} was already received with different content; a fact is corrected by a new event"
        conflicts.append(gate.refused(different, "consistent", table.grain, reason))
        good = _without(good, different)[0]
    return _without(good, equal)[0], pl.concat(conflicts), pl.concat([repeats, equal])


def _split_repeated(good: pl.DataFrame, grain: tuple[str, ...]) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    """First rows of each key; numbers of later rows with other content; numbers of later rows with the same."""
    none = pl.Series(ROW_NUMBER, [], dtype=pl.Int64)
    if (
        good.select(pl.struct(grain).n_unique() if len(grain) > 1 else pl.col(grain[0]).n_unique()).item()
        == good.height
    ):
        return good, none, none
    first = pl.col("row_hash").first().over(grain, order_by=ROW_NUMBER)
    later = pl.col(ROW_NUMBER) != pl.col(ROW_NUMBER).min().over(grain)
    marked = good.with_columns(later.alias(":later"), (pl.col("row_hash") == first).alias(":same"))
    kept = marked.filter(~pl.col(":later")).drop(":later", ":same")
    repeated = marked.filter(pl.col(":later"))
    return (
        kept,
        repeated.filter(~pl.col(":same"))[ROW_NUMBER],
        repeated.filter(pl.col(":same"))[ROW_NUMBER],
    )


def _described(
    refused: pl.DataFrame,
    received: pl.DataFrame,
    frame: pl.DataFrame,
    table: Table,
    key: bytes,
    state: bronze.BatchState,
) -> tuple[pl.DataFrame, int]:
    """The refusals with the value at fault and the whole row as JSON, safe to keep; those already noted left out.

    And how many of the rows held an identifier outside its column.
    """
    refused, _ = _without(refused, state.quarantined_rows)
    if refused.is_empty():
        return refused.drop("check").with_columns(pl.lit(None, pl.String).alias("value"), pl.lit("").alias("row")), 0
    numbers = refused.select(ROW_NUMBER).unique(maintain_order=True)
    rows = numbers.join(received.with_columns(pl.col(ROW_NUMBER).cast(pl.Int64)), on=ROW_NUMBER, how="left")
    shown, masked_rows = _shown(rows, numbers.join(frame, on=ROW_NUMBER, how="left"), table, key)
    shown = borrowed_keys.hidden(shown, refused)
    # Helper columns of a source's own rules begin with a colon; the file has no such column.
    names = [name for name in shown.columns if name != ROW_NUMBER and not name.startswith(":")]
    rows_as_json = shown.select(ROW_NUMBER, pl.struct(names).struct.json_encode().alias("row"))
    described = refused.drop("check").join(rows_as_json, on=ROW_NUMBER, how="left")
    return described.join(_values(refused, shown), on=[ROW_NUMBER, "column_name"], how="left"), masked_rows


def _values(refused: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """row_number, column_name, value: the value at fault, or `a=1, b=2` where several columns are."""
    found = []
    for (column_name,), part in refused.unique([ROW_NUMBER, "column_name"]).group_by(["column_name"]):
        names = [name for name in str(column_name).split(", ") if name in shown.columns]
        several = [pl.format(name + "={}", pl.col(name).fill_null("")) for name in names]
        value = pl.lit(None, pl.String) if not names else pl.col(names[0]) if len(names) == 1 else None
        value = pl.concat_str(several, separator=", ") if value is None else value
        found.append(
            shown.join(part.select(ROW_NUMBER), on=ROW_NUMBER, how="semi").select(
                ROW_NUMBER, pl.lit(column_name).alias("column_name"), value.alias("value")
            )
        )
    return pl.concat(found)


def _shown(rows: pl.DataFrame, typed: pl.DataFrame, table: Table, key: bytes) -> tuple[pl.DataFrame, int]:
    """Each received column as text that may be kept: identifiers as tokens, or masked where they are not valid.

    And how many rows held an identifier outside its column.
    """
    fields = {column.name: column for column in table.fields}
    text = rows.select(
        ROW_NUMBER,
        *(as_text(name, dtype).alias(name) for name, dtype in rows.schema.items() if name != ROW_NUMBER),
    )
    personal = {column.name for column in masking.personal_fields(table)}
    others = [name for name in text.columns if name != ROW_NUMBER and name not in personal]
    shown = text.with_columns(masking.safe_text(fields.get(name), pl.col(name)).alias(name) for name in others)
    masked_rows = pl.any_horizontal(text[name].ne_missing(shown[name]) for name in others)
    for name in personal & set(text.columns):
        token = masking.tokens(key, fields[name].personal or "", typed[name])
        is_valid = typed[f"{name}:valid"].fill_null(False)
        shown = shown.with_columns(pl.when(is_valid).then(token).otherwise(masking.masked(pl.col(name))).alias(name))
    return shown, int(shown.select(masked_rows.sum()).item())


def _totals(
    typed: pl.DataFrame, good: pl.DataFrame, refused: pl.Series, known: pl.Series, table: Table
) -> dict[str, Decimal]:
    """Each total is summed from its own rows; landing.py holds that they add up."""
    if table.control is None:
        return {}
    amounts = typed.select(ROW_NUMBER, table.control)
    parts = {
        "received": typed,
        "accepted": good,
        "quarantined": _without(amounts, refused)[1],
        "already_known": _without(amounts, known)[1],
    }
    return {what: _sum(rows[table.control]) for what, rows in parts.items()}


def _sum(amounts: pl.Series) -> Decimal:
    return ZERO + Decimal(str(amounts.sum() or 0))
