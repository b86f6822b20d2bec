"""The lake's catalog: a SQLite file or a PostgreSQL database, as its URL says.

Belongs here: the address, whether a catalog is there, what of it may be shown. Does not: the lake itself (lake.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb

from warehouse.commits import with_patience

CONNECT_SECONDS = 10


class LakeUnreachable(RuntimeError):
    """The catalog's server cannot be reached or refuses us."""


@dataclass(frozen=True)
class Catalog:
    """Where the catalog is. url: sqlite:///FILE or postgresql://…; it may hold a password."""

    url: str = field(repr=False)

    @property
    def is_postgres(self) -> bool:
        return self.url.startswith(("postgresql:", "postgres:"))

    @property
    def sqlite_file(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def attach_path(self) -> str:
        """The DuckLake address, as ATTACH wants it."""
        if self.is_postgres:
            return f"ducklake:postgres:{_libpq(self.url)}"
        return f"ducklake:sqlite:{self.sqlite_file}"

    def postgres_has_catalog(self) -> bool:
        """Whether the database has been made a catalog; one that a killed first run left empty has not."""
        import psycopg

        try:
            with psycopg.connect(self.url, connect_timeout=CONNECT_SECONDS) as catalog:
                found = catalog.execute("select to_regclass('ducklake_snapshot')").fetchone()
        except psycopg.Error as error:
            reason = self.without_password(str(error))
            raise LakeUnreachable(
                f"the lake's catalog (LENDHOUSE_LAKE_CATALOG_URL) does not answer: {reason}"
            ) from None
        return bool(found and found[0])

    def sqlite_has_catalog(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Asked through DuckDB, and the file is never opened otherwise: two copies of SQLite in one process do not see
        each other's locks, and the one that closes would delete the write-ahead log under the other.
        """
        file = quoted(str(self.sqlite_file))
        with_patience(lambda: connection.execute(f"ATTACH '{file}' AS catalog (TYPE sqlite, READ_ONLY)"))
        try:
            tables = "select count(*) from duckdb_tables() where database_name = 'catalog'"
            sql = f"{tables} and table_name = 'ducklake_snapshot'"
            return bool(with_patience(lambda: connection.execute(sql).fetchall())[0][0])
        finally:
            connection.execute("DETACH catalog")

    def without_password(self, text: str) -> str:
        """The text with the catalog's password masked, in whichever spelling it was given or passed on."""
        given = urlsplit(self.url).password if self.is_postgres else None
        if not given:
            return text
        plain = unquote(given)
        spellings = {given, plain, _libpq_value(plain), quoted(plain), quoted(_libpq_value(plain))}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return text


def _libpq(url: str) -> str:
    """A postgresql:// URL as the keyword string DuckDB passes to libpq."""
    parts = urlsplit(url)
    words = {
        "dbname": unquote(parts.path.lstrip("/")),
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **dict(parse_qsl(parts.query)),
    }
    return " ".join(f"{key}={_libpq_value(value)}" for key, value in words.items() if value)


def _libpq_value(value: str) -> str:
    """A value of a libpq keyword string, in quotes where it needs them."""
    if re.fullmatch(r"[\w./:-]+", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def quoted(text: str) -> str:
    """The text as the inside of a SQL string literal."""
    return text.replace("'", "''")
