"""Other people's SQL on the lake: one SELECT over its tables, and nothing else of the machine.

Belongs here: what a query may name, and the settings that hold it to that. Does not: running it or showing the answer.

Two fences, each enough alone: the parsed query may name only tables of the lake and harmless table functions, and the
connection it runs on reads no file outside the lake, attaches nothing and lets no setting be changed.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from warehouse.lake import ALIAS, SCHEMAS, Lake, quoted

# Table functions that make rows from their arguments and read nothing.
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
DESCRIBED = frozenset({("information_schema", "tables"), ("information_schema", "columns")})
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

SYSTEM_NAME = re.compile(r"(duckdb|ducklake|sqlite|pg|postgres|pragma|information_schema)_|__")


class QueryRefused(ValueError):
    """The query is not one SELECT over the lake's tables; the message says what to change."""


def open_guarded(lake: Lake, snapshot_id: int | None = None) -> duckdb.DuckDBPyConnection:
    """A reader (see Lake.open_reader) that can read the lake's own files only, its settings locked."""
    connection = lake.open_reader(snapshot_id)
    folders = [lake.home.lake_data_url.rstrip("/") + "/", str(lake.home.spill) + "/"]
    try:
        connection.execute("set python_enable_replacements = false")
        connection.execute(f"set allowed_directories = {folders!r}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def check_query(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises QueryRefused unless sql is one SELECT (DESCRIBE and SHOW TABLES count) over tables of the lake."""
    tree = _parsed(connection, sql)
    nodes = list(_nodes(tree))
    defined = {entry["key"].lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", [])}
    if odd := sorted(name for name in defined if not PLAIN_NAME.fullmatch(name)):
        raise QueryRefused(f"name a WITH query with letters, digits and _ only, not {odd[0]!r}")
    # Inside its own WITH query such a name still means the system's view, which tells of the machine.
    if system := sorted(name for name in defined if SYSTEM_NAME.match(name)) or sorted(defined & _views(connection)):
        raise QueryRefused(f"give the WITH query {system[0]} another name: the system has a table of that name")
    known = _known_tables(connection)
    for node in nodes:
        if node.get("type") == "TABLE_FUNCTION":
            _check_function(node)
        elif node.get("type") == "BASE_TABLE":
            _check_table(node, defined, known)
        elif node.get("type") == "SHOW_REF" and node.get("table_name") not in ("", None, '"tables"'):
            raise QueryRefused("only SHOW TABLES and DESCRIBE <table> are understood beside SELECT")


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(str(error)) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused("give one SELECT statement: the lake is read-only here (PIVOT: write it with group by)")
    row = connection.execute(f"select json_serialize_sql('{quoted(sql)}'::varchar)").fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise QueryRefused(f"this statement is not understood: {tree.get('error_message', 'not a SELECT')}")
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the parsed query, however deep."""
    if isinstance(tree, dict):
        yield tree
        for inner in tree.values():
            yield from _nodes(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _nodes(inner)


def _check_function(node: dict[str, Any]) -> None:
    name = str((node.get("function") or {}).get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS:
        raise QueryRefused(f"{name}(…) is not allowed: a query reads the lake's tables, not files or the machine")


def _check_table(node: dict[str, Any], defined: set[str], known: set[tuple[str, str]]) -> None:
    catalog, schema, name = (str(node.get(key) or "").lower() for key in ("catalog_name", "schema_name", "table_name"))
    if not schema and not catalog and name in defined:
        return
    # DuckDB reads `lake.t` as schema lake when it can; both spellings of the lake's own tables are fine.
    if catalog in ("", ALIAS) and (schema or "gold", name) in known | DESCRIBED:
        return
    if schema == ALIAS and not catalog and ("gold", name) in known:
        return
    full = ".".join(part for part in (catalog, schema, name) if part)
    near = difflib.get_close_matches(f"{schema or 'gold'}.{name}", [f"{s}.{t}" for s, t in known], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "list them with: SHOW TABLES"
    raise QueryRefused(f"there is no table {full} at this snapshot; {hint}")


def _views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of what DuckDB itself and every database that is not the lake bring along."""
    rows = connection.execute(
        "select lower(view_name) from duckdb_views() where internal "
        f"union select lower(table_name) from duckdb_tables() where database_name <> '{ALIAS}'"
    ).fetchall()
    return {name for (name,) in rows}


def _known_tables(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    rows = connection.execute(
        f"select table_schema, lower(table_name) from information_schema.tables where table_catalog = '{ALIAS}'"
    ).fetchall()
    return {(schema, name) for schema, name in rows if schema in SCHEMAS}
