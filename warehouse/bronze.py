"""Bronze tables as the lake keeps them, made from the contracts.

Belongs here: creating the empty tables, so that whatever reads bronze compiles before the first file has come.
Does not: putting rows into them (ingestion).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from warehouse.contracts import registry
from warehouse.contracts.table import Table
from warehouse.lake import ALIAS, in_one_commit


def ensure_bronze(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Create every bronze table that is absent; the names of those created.

    connection: a writer's (Lake.open_writer). An existing table is left as it is.
    """
    return ensure_tables(connection, (*registry.BRONZE, *registry.RECEIPTS))


def ensure_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> list[str]:
    """Create those of the tables that are absent, empty, in one commit; the names of those created."""
    existing = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            f"select schema_name, table_name from duckdb_tables() where database_name = '{ALIAS}'"
        ).fetchall()
    }
    missing = [table for table in tables if table.qualified not in existing]
    if missing:
        statements = "; ".join(create_sql(table) for table in missing)
        in_one_commit(connection, lambda: connection.execute(statements))
    return [table.name for table in missing]


def create_sql(table: Table) -> str:
    """`create table if not exists` for one table of a contract."""
    columns = ", ".join(f"{field.name} {field.type.sql}" for field in table.stored_fields())
    return f"create table if not exists {ALIAS}.{table.qualified} ({columns})"
