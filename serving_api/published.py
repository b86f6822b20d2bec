"""The lake as the API sees it: the latest published snapshot, through one read-only connection a process.

Belongs here: opening that connection, and opening the next one when something new is published. Does not: queries
(<domain>/repository.py). A build in progress never makes a request wait: what is published stays readable, and asking
what was published last is one small query.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Annotated, Any

import duckdb
from fastapi import Depends, Request

from warehouse.lake import Closing, Lake, LakeMissing, LakeUnreachable, closings, with_patience
from warehouse.oltp.outbox import Watermark, watermark_in

LOG = logging.getLogger("lendhouse.api")
NOTHING_PUBLISHED = "the lake has no published snapshot yet; `lendhouse eod` or `lendhouse demo` ends with one"


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot, open. watermark: how far it has read the outbox of our transactional store."""

    closing: Closing
    connection: duckdb.DuckDBPyConnection
    watermark: Watermark

    def rows(self, sql: str, parameters: list[Any] | dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of one query, each by column name. Any thread may ask: every query has its own cursor."""
        cursor = self.connection.cursor()
        try:
            return with_patience(lambda: _fetched(cursor, sql, parameters))
        finally:
            cursor.close()


def _fetched(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | dict[str, Any]
) -> list[dict[str, Any]]:
    """All rows: a result that is not read to its end keeps the catalog's read lock, and no build can commit."""
    found = cursor.execute(sql, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@dataclass(frozen=True)
class Head:
    """A connection at the newest commit, and the catalog's file it has open."""

    file: int | None
    connection: duckdb.DuckDBPyConnection


class Published:
    """Holds the open snapshot, and renews it before a read when a later one has been published."""

    def __init__(self, lake: Lake, store_id: str, refresh_seconds: float, patience_seconds: float) -> None:
        self.lake, self.store_id = lake, store_id
        self.refresh_seconds, self.patience_seconds = refresh_seconds, patience_seconds
        self._snapshot: Snapshot | None = None
        self._head: Head | None = None
        self._looked_at = float("-inf")
        self._next_look: Future[None] | None = None
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lake-snapshot")

    def snapshot(self) -> Snapshot:
        """The latest published snapshot; an earlier one only while the catalog does not answer. Raises LakeMissing.

        With refresh_seconds, a look that began within them is trusted.
        """
        looking = self._look()
        if looking is not None:
            wait([looking], timeout=None if self._snapshot is None else self.patience_seconds)
            if self._snapshot is None and looking.done():
                looking.result()
        if self._snapshot is None:
            raise LakeMissing(NOTHING_PUBLISHED)
        return self._snapshot

    def open_ahead(self) -> None:
        """Begin to open the snapshot before anyone asks, so that the first request need not wait for it."""
        self._look()

    def close(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)
        for held in (self._snapshot, self._head):
            if held is not None:
                held.connection.close()

    def _look(self) -> Future[None] | None:
        """A look for news that begins from now on; several requests share one that has not begun yet."""
        with self._lock:
            if self._snapshot is not None and time.monotonic() - self._looked_at < self.refresh_seconds:
                return None
            # One that is running may have asked the catalog before the latest closing was published.
            if self._next_look is None:
                self._next_look = self._worker.submit(self._renew)
            return self._next_look

    def _renew(self) -> None:
        with self._lock:
            self._next_look = None
        began_at = time.monotonic()
        try:
            closing = self._newest()
            if self._snapshot is None or self._snapshot.closing != closing:
                connection = self.lake.open_reader(snapshot_id=closing.snapshot_id)
                try:
                    watermark = watermark_in(connection, self.store_id)
                except BaseException:
                    connection.close()
                    raise
                # The connection before this one is closed when the last query that uses it lets go of it.
                self._snapshot = Snapshot(closing, connection, watermark)
            self._looked_at = began_at
        except (duckdb.Error, LakeMissing, LakeUnreachable) as error:
            if self._snapshot is None:
                raise
            LOG.warning(
                "no news of the lake, answering from snapshot %s: %s", self._snapshot.closing.snapshot_id, error
            )

    def _newest(self) -> Closing:
        """The latest closing, asked through a connection that stays open: opening one for each read would cost."""
        if self._head is None or self._head.file != self._catalog_file():
            self._head = Head(self._catalog_file(), self.lake.open_reader(head=True))
        try:
            found = with_patience(lambda: closings(self._head.connection) if self._head else [])
        except BaseException:
            # A server that was restarted is met again through a new connection.
            head, self._head = self._head, None
            head.connection.close()
            raise
        if not found:
            raise LakeMissing(NOTHING_PUBLISHED)
        return found[-1]

    def _catalog_file(self) -> int | None:
        """Which file the catalog is, for a lake that was deleted and made anew; None with a server or no file."""
        catalog = self.lake.catalog
        if catalog.is_postgres or not catalog.sqlite_file.exists():
            return None
        return catalog.sqlite_file.stat().st_ino


def published_of(request: Request) -> Published:
    published: Published = request.app.state.published
    return published


Books = Annotated[Published, Depends(published_of)]
