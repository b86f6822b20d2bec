"""One batch into bronze: examined, counted, and committed as a whole or not at all.

Belongs here: what happens to the rows of one table of one file, and the record of it. Does not: reading files
(files.py), mapping sources (adapters/), finding files (sources.py, landing_folder.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from ingestion import bronze
from ingestion.examination import Examined, examine
from ingestion.expectations_run import Validation, Validator
from warehouse.commits import in_one_commit
from warehouse.contracts.table import Rule, Table
from warehouse.home import Home

TOKEN_KEY = "token_key"  # noqa: S105  the name of a secret, not a secret
MASKED_NOTE = "identifiers stood where none belongs and were masked"


@dataclass(frozen=True)
class Batch:
    """One delivery: where from, which file, when; batch_id is the SHA-256 of the file (or of an outbox range)."""

    source: str
    batch_id: str
    file_name: str
    received_at: datetime
    token_key: bytes = field(repr=False)

    @classmethod
    def of(cls, home: Home, source: str, batch_id: str, file_name: str, received_at: datetime) -> Batch:
        """A batch whose identifiers are tokenised under the installation's own key."""
        return cls(source, batch_id, file_name, received_at, home.secret(TOKEN_KEY).encode())


class Unaccounted(RuntimeError):
    """Rows were lost or doubled between the file and bronze: a fault of Lendhouse, so nothing is committed."""


class Unexaminable(RuntimeError):
    """The rows are of a kind that the checks cannot look at; nothing of them is committed."""


@dataclass(frozen=True)
class Landed:
    """What became of one table of one file. rows_received = accepted + quarantined + already known; so do the totals.

    identifiers_found: rows with an identifier where none belongs, masked before anything was kept.
    status: ACCEPTED all rows taken in; PARTLY some refused; KNOWN nothing new; REJECTED the file could not be read;
    WAITING the file is still being written and nothing was noted of it.
    """

    table: str
    source: str
    batch_id: str
    file_name: str
    status: str
    rows_received: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_already_known: int = 0
    control_column: str | None = None
    control_total_received: Decimal | None = None
    control_total_accepted: Decimal | None = None
    control_total_quarantined: Decimal | None = None
    control_total_already_known: Decimal | None = None
    message: str = ""
    identifiers_found: int = 0
    seconds: float = 0.0
    validation: Validation | None = field(default=None, compare=False)

    def counts(self) -> dict[str, Any]:
        """Everything that fits in a table or in Dagster metadata: text, numbers; totals as decimal strings."""
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "validation"}
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in shown.items()
            if value is not None
        }


def land(
    received: pl.DataFrame,
    table: Table,
    batch: Batch,
    writer: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule] = (),
    validator: Validator | None = None,
) -> Landed:
    """Check the rows against the contract; append good ones to bronze, bad ones to quarantine, and the batch's record.

    received: row_number (1 is the first row of the file) and columns under contract names, of any type; absent optional
    columns are null. Columns outside the contract may be read by `rules`, the source's own claims, and are not stored.
    All is one DuckLake transaction, or part of the one the caller has open. A batch that is known and has nothing new
    writes nothing. validator: lets Great Expectations look at the same rows before they are committed. Raises
    Unaccounted when rows or control totals do not add up, Unexaminable when the checks cannot look at the rows.
    """
    started = time.perf_counter()
    bronze.prepare(writer, table)
    state = bronze.batch_state(writer, table, batch)
    try:
        examined = examine(received, table, batch, writer, state, rules)
    except (duckdb.Error, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        # The error's own words may quote a row.
        raise Unexaminable(f"{table.name}: the rows could not be examined ({type(error).__name__})") from error
    refuse_unaccounted(examined, table, batch)
    landed = _landed(examined, table, batch, state.is_recorded)
    if state.is_recorded and examined.accepted.is_empty():
        return _timed(landed, started)
    looking = validator.begin(table, examined, batch, rules) if validator else None
    was_refused = state.quarantined_rows.len() > 0

    def step() -> Landed:
        _write(writer, table, batch, examined, landed, was_refused)
        # Nothing is committed that could not be looked at.
        return replace(landed, validation=looking.result()) if looking else landed

    return _timed(in_one_commit(writer, step), started)


def refuse_unaccounted(examined: Examined, table: Table, batch: Batch) -> None:
    """Raise Unaccounted unless every received row, and its control amount, was accepted, refused or known."""
    rows = (examined.accepted.height, examined.quarantined, examined.already_known)
    totals = examined.totals
    parts = [totals[what] for what in ("accepted", "quarantined", "already_known")] if totals else []
    if sum(rows) != examined.received:
        fault = f"{examined.received} rows received, but {' + '.join(map(str, rows))} accepted, refused and known"
    elif totals and sum(parts) != totals["received"]:
        fault = f"{table.control} of {totals['received']} received, but {' + '.join(map(str, parts))} accounted for"
    else:
        return
    raise Unaccounted(f"{batch.file_name}, {table.name}: {fault}; nothing was taken in")


def record_rejection(writer: duckdb.DuckDBPyConnection, batch: Batch, table_name: str | None, message: str) -> Landed:
    """Note that a file could not be read at all; noting the same file again changes nothing."""
    landed = Landed(table_name or "", batch.source, batch.batch_id, batch.file_name, "REJECTED", message=message)
    bronze.prepare(writer)
    if not bronze.is_rejected(writer, batch):
        in_one_commit(writer, lambda: bronze.insert_batch(writer, landed, batch))
    return landed


def _write(
    writer: duckdb.DuckDBPyConnection,
    table: Table,
    batch: Batch,
    examined: Examined,
    landed: Landed,
    was_refused: bool,
) -> None:
    bronze.insert_rows(writer, table, batch, examined.accepted)
    bronze.insert_quarantine(writer, table, batch, examined.refused)
    if was_refused:
        bronze.release(writer, table, batch, examined.accepted)
    bronze.insert_batch(writer, landed, batch)


def _landed(examined: Examined, table: Table, batch: Batch, is_repeated: bool) -> Landed:
    accepted, known = examined.accepted.height, examined.already_known
    quarantined = examined.quarantined
    if is_repeated and not accepted:
        still = f"; {quarantined} rows are still refused" if quarantined else ""
        status, message = "KNOWN", f"the file was received before and nothing in it is new{still}"
    elif quarantined and accepted + known:
        status, message = "PARTLY", f"{quarantined} rows were refused; bronze.quarantine says why, row by row"
    elif quarantined:
        status, message = "PARTLY", "every row was refused; bronze.quarantine says why, row by row"
    elif accepted or not known:
        status, message = "ACCEPTED", "" if accepted else "the file has no rows"
    else:
        status, message = "KNOWN", "every row was received before; nothing changed"
    if examined.identifiers_found:
        message = "; ".join(filter(None, [message, MASKED_NOTE]))
    return Landed(
        table.name,
        batch.source,
        batch.batch_id,
        batch.file_name,
        status,
        examined.received,
        accepted,
        quarantined,
        known,
        table.control,
        control_total_received=examined.totals.get("received"),
        control_total_accepted=examined.totals.get("accepted"),
        control_total_quarantined=examined.totals.get("quarantined"),
        control_total_already_known=examined.totals.get("already_known"),
        message=message,
        identifiers_found=examined.identifiers_found,
    )


def _timed(landed: Landed, started: float) -> Landed:
    return replace(landed, seconds=round(time.perf_counter() - started, 3))
