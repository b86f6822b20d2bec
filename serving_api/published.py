"""The lake as the API sees it: the latest published snapshot, through one read-only connection a process.

Belongs here: opening that connection, and opening the next one when something new is published. Does not: queries
(<domain>/repository.py). A build in progress never makes a request wait: what is published stays readable, and looking
for news happens beside the requests.
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

from warehouse.lake import Closing, Lake, LakeMissing, LakeUnreachable, with_patience
from warehouse.oltp.outbox import Watermark, watermark_in

LOG = logging.getLogger("lendhouse.api")


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot, open. watermark: how far it has read the outbox of our transactional store."""

    closing: Closing
    connection: duckdb.DuckDBPyConnection
    watermark: Watermark

    def rows(self, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
        """The rows of one query, each by column name. Any thread may ask: every query has its own cursor."""
        cursor = self.connection.cursor()
        try:
            return with_patience(lambda: _fetched(cursor, sql, parameters))
        finally:
            cursor.close()


def _fetched(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    """All rows: a result that is not read to its end keeps the catalog's read lock, and no build can commit."""
    found = cursor.execute(sql, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class Published:
    """Holds the open snapshot and renews it when a later one is published."""

    def __init__(self, lake: Lake, store_id: str, refresh_seconds: float, patience_seconds: float) -> None:
        self.lake, self.store_id = lake, store_id
        self.refresh_seconds, self.patience_seconds = refresh_seconds, patience_seconds
        self._snapshot: Snapshot | None = None
        self._looked_at = float("-inf")
        self._looking: Future[None] | None = None
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lake-snapshot")

    def snapshot(self) -> Snapshot:
        """The latest published snapshot, as far as a look at most refresh_seconds ago knows. Raises LakeMissing."""
        looking = self._look()
        if looking is not None:
            wait([looking], timeout=None if self._snapshot is None else self.patience_seconds)
            if self._snapshot is None and looking.done():
                looking.result()
        if self._snapshot is None:
            raise LakeMissing(
                "the lake has no published snapshot yet; `lendhouse eod` or `lendhouse demo` ends with one"
            )
        return self._snapshot

    def open_ahead(self) -> None:
        """Begin to open the snapshot before anyone asks, so that the first request need not wait for it."""
        self._look()

    def close(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)
        if self._snapshot is not None:
            self._snapshot.connection.close()

    def _look(self) -> Future[None] | None:
        """Start looking for news when it is time to; several requests share one look."""
        with self._lock:
            if self._looking is not None and not self._looking.done():
                return self._looking
            if self._snapshot is not None and time.monotonic() - self._looked_at < self.refresh_seconds:
                return None
            self._looking = self._worker.submit(self._renew)
            return self._looking

    def _renew(self) -> None:
        try:
            closing = with_patience(self.lake.published)
            if self._snapshot is None or self._snapshot.closing.snapshot_id != closing.snapshot_id:
                connection = self.lake.open_reader(snapshot_id=closing.snapshot_id)
                try:
                    watermark = watermark_in(connection, self.store_id)
                except BaseException:
                    connection.close()
                    raise
                # The connection before this one is closed when the last query that uses it lets go of it.
                self._snapshot = Snapshot(closing, connection, watermark)
        except (duckdb.Error, LakeMissing, LakeUnreachable) as error:
            if self._snapshot is None:
                raise
            LOG.warning(
                "no news of the lake, answering from snapshot %s: %s", self._snapshot.closing.snapshot_id, error
            )
        finally:
            self._looked_at = time.monotonic()


def published_of(request: Request) -> Published:
    published: Published = request.app.state.published
    return published


Books = Annotated[Published, Depends(published_of)]
