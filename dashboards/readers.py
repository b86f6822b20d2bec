"""Connections to the lake that live as long as the process: one a published snapshot, one at the newest commit.

Belongs here: opening, keeping and giving back connections. Does not: any SQL (queries/).

A published snapshot never changes, so its connection is opened once; a newer snapshot is another connection, and a
build that writes meanwhile disturbs neither. Each question takes a cursor of its own, so that sessions do not queue.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import closing
from typing import Any

import duckdb
import polars as pl

from warehouse.home import Home
from warehouse.lake import Closing, Lake, LakeMissing, closings, with_patience

KEPT_SNAPSHOTS = 4
KEPT_ANSWERS = 512
LOOK_AGAIN_SECONDS = 1.0
HEAD = None

Parameters = dict[str, Any]


class Readers:
    """The connections of one home, and the answers already given at snapshots that cannot change."""

    def __init__(self, home: Home) -> None:
        self.lake = Lake(home)
        self._lock = threading.RLock()
        self._connections: OrderedDict[int | None, duckdb.DuckDBPyConnection] = OrderedDict()
        self._answers: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._closings: tuple[float, list[Closing]] = (float("-inf"), [])

    def published(self) -> list[Closing]:
        """All closings, oldest first; looked up again at most every second. Raises LakeMissing, LakeUnreachable."""
        with self._lock:
            seen_at, known = self._closings
        if time.monotonic() - seen_at < LOOK_AGAIN_SECONDS:
            return known
        try:
            found = self._with_cursor(HEAD, closings)
        except duckdb.Error as error:
            if self.lake.exists():
                raise
            self._forget()
            raise LakeMissing(f"the lake that was in {self.lake.home.root} is gone") from error
        if not found:
            raise LakeMissing("the lake has no published snapshot yet; a first build ends with one")
        if found[: len(known)] != known:
            # Another lake stands in the same place: its snapshots have the same numbers and other rows.
            self._forget()
        with self._lock:
            self._closings = (time.monotonic(), found)
        return found

    def answer(self, snapshot_id: int | None, sql: str, parameters: Parameters) -> pl.DataFrame:
        """The rows of one question; at the newest commit when snapshot_id is None. A table not there yet: no rows."""
        key = (snapshot_id, sql, repr(sorted(parameters.items())))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        try:
            frame = self._with_cursor(snapshot_id, lambda cursor: cursor.execute(sql, parameters).pl())
        except duckdb.CatalogException:
            return pl.DataFrame()
        if snapshot_id is not HEAD:
            self._keep(key, frame)
        return frame

    def _with_cursor(self, snapshot_id: int | None, ask: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
        def once() -> Any:
            with closing(self._connection(snapshot_id).cursor()) as cursor:
                return ask(cursor)

        return with_patience(once)

    def _connection(self, snapshot_id: int | None) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if snapshot_id not in self._connections:
                self._connections[snapshot_id] = (
                    self.lake.open_reader(head=True) if snapshot_id is HEAD else self.lake.open_reader(snapshot_id)
                )
            self._connections.move_to_end(snapshot_id)
            # Cursors in use keep their database alive; only our hold on the oldest one is given up.
            while len(self._connections) > KEPT_SNAPSHOTS:
                self._connections.popitem(last=False)
            return self._connections[snapshot_id]

    def _forget(self) -> None:
        with self._lock:
            self._connections.clear()
            self._answers.clear()
            self._closings = (float("-inf"), [])

    def _keep(self, key: Hashable, frame: pl.DataFrame) -> None:
        with self._lock:
            self._answers[key] = frame
            while len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)


_readers: dict[Home, Readers] = {}
_readers_lock = threading.Lock()


def readers() -> Readers:
    """The readers of the home the process was started for, shared by all its sessions."""
    home = Home.from_environment()
    with _readers_lock:
        if home not in _readers:
            _readers[home] = Readers(home)
        return _readers[home]
