"""The sources that files come from, and the way of one file or folder into bronze.

Belongs here: which file goes first, what is skipped as known, what is refused as a whole. Does not: the landing folder
(landing_folder.py), the rows (landing.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion import bronze, files, gate, landing_folder
from ingestion.adapters import portfolio, sba_national, uci_credit_card
from ingestion.adapters.source import Mapped, Source
from ingestion.expectations_run import WORKER, Validator
from ingestion.landing import (
    MASKED_NOTE,
    Batch,
    Landed,
    Unaccounted,
    Unexaminable,
    land,
    record_rejection,
)
from ingestion.masking import personal_fields, safe_name
from warehouse.contracts import registry
from warehouse.home import Home
from warehouse.lake import Lake

SOURCES: dict[str, Source] = {
    source.name: source for source in (sba_national.SOURCE, uci_credit_card.SOURCE, portfolio.SOURCE)
}


def ingest(
    source: str,
    path: Path,
    lake: Lake,
    received_at: datetime,
    tables: set[str] | None = None,
    validate: bool = True,
) -> list[Landed]:
    """Take a file, or every file of a folder, into bronze; one result per file and table, in the order of references.

    received_at: with an offset; dates after its day are refused. tables: only these. validate: also let Great
    Expectations look at each batch. A file that cannot be read is recorded as REJECTED and stops no other; one of a
    folder that changes while it is read is WAITING. Raises ValueError for an unknown source, FileNotFoundError for a
    path that is not there, files.StillWritten when path itself is a file that changed while it was read.
    """
    known = source_named(source)
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    gate.business_day(received_at)
    validator = Validator(lake.home) if validate else None
    landed: list[Landed] = []
    with lake.open_writer(f"ingest {source}") as writer:
        for file in in_order(known, files_of(path)):
            try:
                landed += ingest_file(known, file, lake, writer, received_at, tables, validator)
            except files.StillWritten as error:
                if file == path:
                    raise
                landed.append(Landed("", source, "", safe_name(file.name), "WAITING", message=str(error)))
    if validator is not None:
        validator.publish()
    return landed


def ingest_landing(
    lake: Lake,
    received_at: datetime,
    source: str | None = None,
    validate: bool = True,
    quiet_seconds: float = landing_folder.QUIET_SECONDS,
) -> list[Landed]:
    """Take in every file of landing/<source>/ that nobody is writing any more, and put it away.

    source: only this one; without it, files outside every source's folder are put aside too. A committed file goes to
    landed/, an unreadable one to rejected/ beside a message; a kill in between leaves the file where it was, and the
    next run finds it known. No source's file waiting: no lock is taken.
    """
    gate.business_day(received_at)
    home = lake.home
    wanted = [source_named(source)] if source else list(SOURCES.values())
    landing_folder.make_folders(home, SOURCES)
    landing_folder.purge_rejected(home)
    astray = [] if source else _put_strays_aside(home, quiet_seconds)
    if not _has_files_waiting(home, wanted, quiet_seconds):
        return astray
    validator = Validator(home) if validate else None
    landed = astray
    with lake.open_writer("ingest the landing folder") as writer:
        for known in wanted:
            # Listed again under the lock: another program may have put files away while we waited for it.
            for file in in_order(known, landing_folder.waiting(home.landing / known.name, quiet_seconds)):
                landed += _ingest_and_put_away(known, file, lake, writer, received_at, validator)
    if validator is not None:
        validator.publish()
    return landed


def expect_files(home: Home) -> None:
    """Where files wait in the landing folder, prepare for looking at them beside what the caller does meanwhile."""
    if _has_files_waiting(home, SOURCES.values()):
        WORKER.begin()


def _has_files_waiting(
    home: Home, wanted: Iterable[Source], quiet_seconds: float = landing_folder.QUIET_SECONDS
) -> bool:
    return any(landing_folder.waiting(home.landing / known.name, quiet_seconds) for known in wanted)


def _put_strays_aside(home: Home, quiet_seconds: float) -> list[Landed]:
    """Files of the landing folder that no source would read; they are noted in rejected/, not in the lake."""
    found = []
    message = f"it lies in no folder of a source; the sources are {', '.join(SOURCES)}"
    for path in landing_folder.strays(home, SOURCES, quiet_seconds):
        batch_id = _name_id("", path)
        landing_folder.put_aside(home, path, batch_id, message, into=home.landing / "<source>")
        found.append(Landed("", "unknown", batch_id, safe_name(path.name), "REJECTED", message=message))
    return found


def _ingest_and_put_away(
    source: Source,
    path: Path,
    lake: Lake,
    writer: duckdb.DuckDBPyConnection,
    received_at: datetime,
    validator: Validator | None,
) -> list[Landed]:
    try:
        landed = ingest_file(source, path, lake, writer, received_at, None, validator)
    except files.StillWritten:
        return []
    rejected = [part for part in landed if part.status == "REJECTED"]
    if rejected:
        if path.exists():
            taken = [part.table for part in landed if part.status != "REJECTED"]
            landing_folder.put_aside(lake.home, path, rejected[0].batch_id, rejected[0].message, taken)
    else:
        holds_identifiers = any(personal_fields(table) for table in source.tables(path)) or bronze.has_note(
            writer, landed[0].batch_id, MASKED_NOTE
        )
        landing_folder.put_away(lake.home, source.name, path, landed, holds_identifiers)
    return landed


def source_named(name: str) -> Source:
    """The source; ValueError lists the known ones."""
    if name not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(SOURCES)}, got {name!r}")
    return SOURCES[name]


def files_of(path: Path) -> list[Path]:
    """The file, or the folder's data files at any depth; what is being written, and notes beside data, are left out."""
    if path.is_file():
        return [path]
    return sorted(
        file for file in path.rglob("*") if file.is_file() and not files.is_temporary(file) and files.is_supported(file)
    )


def in_order(source: Source, paths: Iterable[Path]) -> list[Path]:
    """Files of tables that others refer to first; files whose name says nothing last."""
    rank = {table.name: i for i, table in enumerate(registry.BRONZE)}

    def place(path: Path) -> tuple[int, str]:
        return min((rank[t.name] for t in source.tables(path)), default=len(rank)), str(path)

    return sorted(paths, key=place)


def ingest_file(
    source: Source,
    path: Path,
    lake: Lake,
    writer: duckdb.DuckDBPyConnection,
    received_at: datetime,
    tables: set[str] | None = None,
    validator: Validator | None = None,
) -> list[Landed]:
    """One file into bronze, table by table; each table of it is one commit.

    What goes wrong with the file alone is recorded as REJECTED; what goes wrong with the lake is raised, and so are
    landing.Unaccounted and files.StillWritten.
    """
    started = time.perf_counter()
    wanted = tuple(t for t in source.tables(path) if tables is None or t.name in tables)
    if source.tables(path) and not wanted:
        return []
    table_name, file_name = wanted[0].name if len(wanted) == 1 else None, safe_name(path.name)
    try:
        before, batch_id = path.stat(), files.sha256(path)
    except OSError as error:
        # Its bytes are not known, so its name is its identity.
        batch = Batch.of(lake.home, source.name, _name_id(source.name, path), file_name, received_at)
        return [record_rejection(writer, batch, table_name, _fault(error))]
    batch = Batch.of(lake.home, source.name, batch_id, file_name, received_at)
    bronze.prepare(writer)
    if wanted and bronze.is_settled(writer, batch.batch_id, tuple(t.name for t in wanted)):
        return [_known(t.name, batch, time.perf_counter() - started) for t in wanted]
    try:
        received = files.read(path, source.columns(path))
        files.refuse_changed(path, before)
        mapped = source.mapped(path, received)
    except (MemoryError, files.StillWritten):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        if path.exists():
            files.refuse_changed(path, before)
        return [record_rejection(writer, batch, table_name, _fault(error))]
    landed = []
    for part in mapped:
        if tables is None or part.table.name in tables:
            if fault := part.fault(received.height):
                raise Unaccounted(f"{file_name}, {part.table.name}: {fault}; nothing was taken in of it")
            try:
                landed.append(
                    _noting_left_out(part, land(part.frame, part.table, batch, writer, part.rules, validator))
                )
            except Unexaminable as error:
                return [*landed, record_rejection(writer, batch, part.table.name, str(error))]
    return landed


def _fault(error: BaseException) -> str:
    """What a person may read of it; only Unreadable is worded by us, any other may quote the file."""
    if isinstance(error, files.Unreadable):
        # It may name columns or sheets, and a file without a header has its first row there.
        return safe_name(str(error))
    return f"it could not be read ({type(error).__name__}); check the file and who may read it, and send it again"


def _noting_left_out(part: Mapped, landed: Landed) -> Landed:
    if not part.left_out:
        return landed
    note = f"{part.left_out} {part.left_out_because} give no row"
    return replace(landed, message="; ".join(filter(None, [landed.message, note])))


def _name_id(source: str, path: Path) -> str:
    """The identity of a file whose bytes nobody read."""
    return hashlib.sha256(f"{source}/{path}".encode()).hexdigest()


def _known(table: str, batch: Batch, seconds: float) -> Landed:
    message = "the file was received before and nothing in it is new"
    landed = Landed(table, batch.source, batch.batch_id, batch.file_name, "KNOWN", message=message)
    return replace(landed, seconds=round(seconds, 3))
