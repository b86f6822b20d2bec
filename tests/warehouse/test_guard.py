"""Other people's SQL: what it may ask of the lake, and what it may not reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.guard import QueryRefused, check_query, open_guarded
from warehouse.home import Home
from warehouse.lake import Lake


def filled(lake: Lake) -> Lake:
    with lake.open_writer("a test") as connection:
        connection.execute(
            "create table lake.gold.loans as select range as id, 10.50::decimal(18,2) as principal from range(5)"
        )
        connection.execute("create table lake.silver.dues as select 1 as id")
        lake.publish(connection, date(2026, 3, 31), "one", "code")
    return lake


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for all these tests: none of them can change it."""
    return filled(Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("house"))})))


@pytest.fixture(scope="module")
def guarded(house: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_guarded(house)
    yield connection
    connection.close()


def test_a_guarded_query_reads_on_either_catalog(lake: Lake) -> None:
    connection = open_guarded(filled(lake))
    check_query(connection, "select sum(principal) from loans")
    assert connection.execute("select sum(principal) from loans").fetchone() == (Decimal("52.50"),)
    with pytest.raises(duckdb.Error):
        connection.execute("select * from read_text('/etc/passwd')")


ALLOWED = {
    "select sum(principal) from loans": 1,
    "select * from gold.loans where id in (select id from silver.dues)": 1,
    "with big as (select * from loans where id > 2) select count(*) from big": 1,
    "from lake.gold.loans limit 2": 2,
    "select * from range(3)": 3,
    "select unnest([1, 2])": 2,
    "describe loans": 2,
    "show tables": 2,
    "select table_name from information_schema.tables where table_schema = 'silver'": 1,
    "select l.id from loans l join lateral (select l.id + 1) x on true": 5,
    "values (1), (2)": 2,
    "select 'a;b' as text -- a comment; with a semicolon": 1,
}


@pytest.mark.parametrize("sql", ALLOWED)
def test_a_reading_query_runs(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    check_query(guarded, sql)
    assert len(guarded.execute(sql).fetchall()) == ALLOWED[sql]


REFUSED = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "describe '/etc/passwd.csv'",
    "select (select content from read_text('/etc/passwd'))",
    "select * from loans where exists (from read_blob('/etc/passwd'))",
    "with x as (from read_json('/etc/passwd')) select * from x",
    "with \"/etc/passwd.csv\" as (select 1) from '/etc/passwd.csv'",
    "select * from glob('/etc/*')",
    "select * from query('select 1')",
    "select * from query_table('loans')",
    "select * from duckdb_secrets()",
    "select * from duckdb_databases",
    "select * from duckdb_settings()",
    "select * from pg_catalog.pg_tables",
    "with duckdb_databases as (select * from duckdb_databases) select * from duckdb_databases",
    'with "DuckDB_Databases" as (select * from DUCKDB_DATABASES) select * from duckdb_databases',
    "with recursive duckdb_databases as (select * from duckdb_databases) select * from duckdb_databases",
    "select (with duckdb_databases as (select path from duckdb_databases) select max(path) from duckdb_databases)",
    "with sqlite_master as (select * from sqlite_master) select * from sqlite_master",
    "with pg_tables as (select * from pg_tables) select * from pg_tables",
    "with pragma_database_list as (select * from pragma_database_list) select * from pragma_database_list",
    "with ducklake_metadata as (select * from ducklake_metadata) select * from ducklake_metadata",
    "select * from __ducklake_metadata_lake.ducklake_snapshot",
    "select * from sqlite_scan('x', 'y')",
    "select * from postgres_query('lake', 'select 1')",
    "insert into loans values (1, 1)",
    "delete from loans",
    "drop table loans",
    "create table t as select 1",
    "create temp table t as select 1",
    "create macro f(a) as a",
    "attach 'x.db' as x",
    "detach lake",
    "use memory",
    "copy loans to 'x.csv'",
    "copy (select 1) to 'x.csv'",
    "export database 'x'",
    "import database 'x'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset allowed_directories",
    "pragma database_list",
    "call ducklake_snapshots('lake')",
    "explain analyze select 1",
    "prepare p as select 1",
    "select 1; select 2",
    "select 1; drop table loans",
    "",
    "-- nothing",
    "selec 1",
    "select * from loanz",
    "show databases",
    "show all tables",
    "vacuum",
    "checkpoint",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_a_query_that_is_not_one_select_over_the_lake_is_refused(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(QueryRefused):
        check_query(guarded, sql)


def test_a_misspelt_table_is_answered_with_a_near_one(guarded: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryRefused, match=r"no table loanz at this snapshot; did you mean gold\.loans"):
        check_query(guarded, "select * from loanz")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "attach '/tmp/x.db'",
        "copy gold.loans to '/tmp/x.csv'",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set python_enable_replacements = true",
        "load httpfs",
        "install httpfs",
        "insert into lake.gold.loans values (1, 1)",
        "drop table lake.gold.loans",
    ],
)
def test_the_connection_itself_holds_even_without_the_check(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        guarded.execute(sql)


def test_a_frame_of_the_calling_program_is_no_table(guarded: duckdb.DuckDBPyConnection) -> None:
    import polars as pl

    frame = pl.DataFrame({"secret": [1]})
    with pytest.raises(duckdb.CatalogException):
        guarded.execute("select * from frame")
    assert frame.height == 1


def test_a_query_larger_than_memory_may_still_spill(guarded: duckdb.DuckDBPyConnection, house: Lake) -> None:
    place = guarded.execute("select current_setting('temp_directory')").fetchone()
    assert place == (str(house.home.spill),)
    assert Path(place[0]).is_relative_to(house.home.root)
