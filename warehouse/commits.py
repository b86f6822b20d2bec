"""Commits to the lake that others may disturb: tried again while the catalog is busy, all or nothing.

Belongs here: patience and transactions. Does not: connections (lake.py), or who may write (lock.py).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import duckdb

BUSY_ATTEMPTS = 12

T = TypeVar("T")


def with_patience(step: Callable[[], T]) -> T:
    """Run step again, with random back-off, while SQLite says the catalog is busy (its own time-outs do not help)."""
    for attempt in range(BUSY_ATTEMPTS):
        try:
            return step()
        except duckdb.Error as error:
            if "locked" not in str(error).lower() or attempt == BUSY_ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0.01, 0.05 * 2 ** min(attempt, 6)))
    raise AssertionError("unreachable")


def in_one_commit(connection: duckdb.DuckDBPyConnection, step: Callable[[], T]) -> T:
    """Run step in a transaction and commit it; all of it again while the catalog is busy, so step begins afresh.

    Inside a transaction that the caller has open, step is part of it, and the caller commits and tries again.
    """
    if is_in_transaction(connection):
        return step()
    return with_patience(lambda: _transaction(connection, step))


def is_in_transaction(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a transaction is open: then two statements see one transaction id."""
    first, second = (connection.execute("select txid_current()").fetchone() for _ in range(2))
    return first == second


def _transaction(connection: duckdb.DuckDBPyConnection, step: Callable[[], T]) -> T:
    connection.begin()
    try:
        result = step()
        connection.commit()
    except BaseException:
        # A commit that failed has rolled back already; saying so must not hide why it failed.
        with suppress(duckdb.TransactionException):
            connection.rollback()
        raise
    return result
