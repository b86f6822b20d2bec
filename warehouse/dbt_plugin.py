"""dbt-duckdb's way into the lake: the same attachment, settings and lock as every other writer of the house.

Belongs here: what dbt-duckdb calls when it opens and forgets its connection (the class `Plugin`, named in
transforms/profiles.yml). Does not: what is built.

The lock is taken inside the dbt process, whoever started it (CLI, Dagster, a test), and kept until the process ends or
`release` is called; the kernel frees it on a kill.
"""

from __future__ import annotations

import threading
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from warehouse.bronze import ensure_bronze, ensure_tables
from warehouse.contracts import registry
from warehouse.home import Home
from warehouse.lake import Lake
from warehouse.lock import lake_lock

DOING = "dbt build"


class _LockKeeper:
    """Holds the lake's lock in a thread of its own: dbt opens and closes connections in whichever thread it likes,
    and the lock must be let go by the thread that took it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._taken = threading.Event()
        self._wanted = threading.Event()
        self._refusal: BaseException | None = None
        self._thread = threading.Thread(target=self._hold, name="lake-lock", daemon=True)

    def take(self) -> _LockKeeper:
        self._thread.start()
        self._taken.wait()
        if self._refusal is not None:
            raise self._refusal
        return self

    def release(self) -> None:
        self._wanted.set()
        self._thread.join()

    def _hold(self) -> None:
        try:
            with lake_lock(self._home.lake_lock, DOING):
                self._taken.set()
                self._wanted.wait()
        except BaseException as refusal:  # handed to the thread that waits
            self._refusal = refusal
            self._taken.set()


_keeper: _LockKeeper | None = None
_home: Home | None = None


def use_home(home: Home | None) -> None:
    """Which home an in-process dbt writes; None: the one of the environment."""
    global _home
    _home = home


def release() -> None:
    """Let the lake's lock go; nothing happens when it is not held."""
    global _keeper
    if _keeper is not None:
        _keeper.release()
        _keeper = None


class Plugin(BasePlugin):
    """Attaches the lake to dbt's DuckDB connection, under the lake's lock."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self.lake = Lake(_home or Home.from_environment())

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        config.update(self.lake.duckdb_config())

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        global _keeper
        release()
        _keeper = _LockKeeper(self.lake.home).take()
        try:
            self.lake.load_extensions(conn)
            self.lake.attach_for_writing(conn)
            ensure_bronze(conn)
            ensure_tables(conn, registry.WRITTEN_BY_KERNELS)
        except BaseException:
            release()
            raise
