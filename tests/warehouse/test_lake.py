"""What readers of the lake see, on a SQLite and on a PostgreSQL catalog."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import duckdb
import psycopg
import pytest

from tests.postgres import Postgres
from warehouse.contracts.regulatory import CLOSINGS
from warehouse.home import Home
from warehouse.lake import Closing, Lake, LakeMissing, LakeUnreachable, closings, current_snapshot, in_one_commit

DAY = date(2026, 3, 31)


def write(lake: Lake, value: int, rows: int = 3) -> None:
    with lake.open_writer("a test") as connection:
        connection.execute(f"create or replace table lake.gold.figures as select {value} as v from range({rows})")


def publish(lake: Lake, inputs: str, as_of: date = DAY) -> Closing:
    with lake.open_writer("a test") as connection:
        return lake.publish(connection, as_of, inputs, "code-1")


def figures(connection: duckdb.DuckDBPyConnection) -> list[int]:
    return [row[0] for row in connection.execute("select distinct v from figures").fetchall()]


def test_a_lake_that_is_not_there_says_how_to_make_one(lake: Lake) -> None:
    with pytest.raises(LakeMissing, match="lendhouse demo"):
        lake.open_reader()


def test_nothing_is_readable_before_the_first_publication(lake: Lake) -> None:
    write(lake, 1)
    with pytest.raises(LakeMissing, match="no published snapshot"):
        lake.open_reader()


def test_readers_see_the_published_snapshot_and_not_what_is_half_built(lake: Lake) -> None:
    write(lake, 1)
    publish(lake, "one")
    write(lake, 2)
    assert figures(lake.open_reader()) == [1]
    assert figures(lake.open_reader(head=True)) == [2]
    publish(lake, "two")
    assert figures(lake.open_reader()) == [2]


def test_time_travel_reads_an_earlier_closing(lake: Lake) -> None:
    write(lake, 1)
    first = publish(lake, "one")
    write(lake, 2)
    publish(lake, "two")
    assert figures(lake.open_reader(first.snapshot_id)) == [1]


def test_equal_inputs_publish_nothing_new(lake: Lake) -> None:
    write(lake, 1)
    first = publish(lake, "one")
    write(lake, 1)
    assert publish(lake, "one").snapshot_id == first.snapshot_id
    assert len(closings(lake.open_reader(head=True))) == 1


def test_another_day_or_code_is_published_even_with_equal_inputs(lake: Lake) -> None:
    write(lake, 1)
    publish(lake, "one")
    publish(lake, "one", as_of=date(2026, 4, 30))
    assert [closing.as_of for closing in closings(lake.open_reader(head=True))] == [DAY, date(2026, 4, 30)]


def test_a_published_snapshot_holds_its_own_closing(lake: Lake) -> None:
    write(lake, 1)
    first = publish(lake, "one")
    write(lake, 2)
    second = publish(lake, "two")
    assert closings(lake.open_reader()) == [first, second]
    assert closings(lake.open_reader(first.snapshot_id)) == [first]
    assert lake.published() == second


def test_closings_have_the_columns_that_the_dictionary_says(lake: Lake) -> None:
    publish(lake, "one")
    described = lake.open_reader().execute("describe closings").fetchall()
    declared = [(field.name, field.type.sql) for field in CLOSINGS.fields]
    assert [
        (name, kind.lower().replace("timestamp with time zone", "timestamptz")) for name, kind, *_ in described
    ] == (declared)


def test_a_reader_cannot_write(lake: Lake) -> None:
    write(lake, 1)
    publish(lake, "one")
    for sql in ("insert into figures values (9)", "drop table figures", "create table lake.gold.other (a int)"):
        with pytest.raises(duckdb.Error, match="read-only"):
            lake.open_reader().execute(sql)


def test_an_open_reader_keeps_its_snapshot_while_others_write(lake: Lake) -> None:
    write(lake, 1)
    publish(lake, "one")
    reader = lake.open_reader()
    assert figures(reader) == [1]
    write(lake, 2)
    publish(lake, "two")
    assert figures(reader) == [1]


def test_a_failed_transaction_leaves_nothing(lake: Lake) -> None:
    write(lake, 1)
    with lake.open_writer("failing") as connection:
        before = current_snapshot(connection)
        connection.execute("begin")
        connection.execute("insert into lake.gold.figures select 2 from range(5000)")
        connection.execute("rollback")
        assert current_snapshot(connection) == before
    assert figures(lake.open_reader(head=True)) == [1]


READ_ON = """
import sys
from pathlib import Path
from warehouse.home import Home
from warehouse.lake import Lake
lake = Lake(Home.from_environment())
print("reading", flush=True)
seen = set()
while not Path(sys.argv[1]).exists() or not seen:
    connection = lake.open_reader()
    seen.add(connection.execute("select count(*), count(distinct v) from figures").fetchone())
    connection.close()
print(sorted(seen))
"""


def test_readers_are_never_blocked_and_never_see_a_torn_table(
    lake: Lake, environment: dict[str, str], tmp_path: Path
) -> None:
    """Each build replaces the table in two steps and publishes; two readers must always count one whole build."""
    write(lake, 0, rows=1000)
    publish(lake, "0")
    words = [sys.executable, "-c", READ_ON, str(tmp_path / "stop")]
    surroundings = {**os.environ, **environment}
    readers = [subprocess.Popen(words, env=surroundings, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    try:
        for build in range(1, 9):
            with lake.open_writer("building") as connection:
                connection.execute("create or replace table lake.gold.figures (v integer)")
                connection.execute(f"insert into lake.gold.figures select {build} from range(1000)")
                lake.publish(connection, DAY, str(build), "code-1")
    finally:
        (tmp_path / "stop").touch()
    assert [reader.communicate()[0].strip() for reader in readers] == ["[(1000, 1)]"] * 2


WRITE_MANY = """
import sys
from warehouse.home import Home
from warehouse.lake import Lake
lake = Lake(Home.from_environment())
for number in range(8):
    with lake.open_writer(f"writer {sys.argv[1]}", wait_seconds=60) as connection:
        connection.execute("create table if not exists lake.bronze.notes (writer integer, number integer)")
        connection.execute(f"insert into lake.bronze.notes values ({sys.argv[1]}, {number})")
"""


def test_two_writing_programs_take_turns_and_lose_nothing(lake: Lake, environment: dict[str, str]) -> None:
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITE_MANY, str(n)], env={**os.environ, **environment}) for n in (1, 2)
    ]
    assert [program.wait(120) for program in programs] == [0, 0]
    rows = lake.open_reader(head=True).execute("select writer, count(*) from lake.bronze.notes group by 1 order by 1")
    assert rows.fetchall() == [(1, 8), (2, 8)]


KILLED = """
import time
from warehouse.home import Home
from warehouse.lake import Lake
lake = Lake(Home.from_environment())
with lake.open_writer("to be killed") as connection:
    connection.execute("begin")
    connection.execute("insert into lake.gold.figures select 2 from range(100000)")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_kill_9_in_a_transaction_leaves_the_last_commit(lake: Lake, environment: dict[str, str]) -> None:
    write(lake, 1)
    publish(lake, "one")
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "writing\n"
    program.kill()
    program.wait()
    assert figures(lake.open_reader(head=True)) == [1]
    write(lake, 3)
    assert figures(lake.open_reader(head=True)) == [3]


def test_a_moved_folder_still_opens(tmp_path: Path) -> None:
    old = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path / "old")}))
    write(old, 1)
    publish(old, "one")
    shutil.move(tmp_path / "old", tmp_path / "new")
    new = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path / "new")}))
    assert figures(new.open_reader()) == [1]
    write(new, 2)
    publish(new, "two")
    assert figures(new.open_reader()) == [2]
    assert not (tmp_path / "old").exists()


def test_data_is_compressed_with_zstd(lake: Lake) -> None:
    write(lake, 1, rows=20_000)
    files = list(Path(lake.home.lake_data_url).rglob("*.parquet"))
    codecs = {
        row[0]
        for file in files
        for row in duckdb.execute(f"select distinct compression from parquet_metadata('{file}')").fetchall()
    }
    assert codecs == {"ZSTD"}


def test_the_catalog_url_decides_where_the_catalog_is(lake: Lake) -> None:
    write(lake, 1)
    has_file = (lake.home.root / "lake" / "catalog.sqlite").exists()
    assert has_file is lake.home.lake_catalog_url.startswith("sqlite:")


def test_a_catalog_that_cannot_be_reached_does_not_tell_its_password(tmp_path: Path) -> None:
    home = Home.from_environment(
        {
            "LENDHOUSE_HOME": str(tmp_path),
            "LENDHOUSE_LAKE_CATALOG_URL": f"postgresql://lender:s3cret-word@/lake?host={tmp_path}",
        }
    )
    started = time.monotonic()
    with pytest.raises(Exception, match="lake") as caught:
        Lake(home).open_reader()
    assert "s3cret-word" not in str(caught.value)
    assert time.monotonic() - started < 20


ODD_PASSWORD = "p@s w'd\\"


def with_user(url: str, password: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://odd%20user:{quote(password, safe='')}@{parts.path}?{parts.query}"


def test_a_password_of_odd_characters_is_passed_on_whole(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("create role \"odd user\" login superuser password 'unused: this server trusts its socket'")
    try:
        address = with_user(url, ODD_PASSWORD)
        home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path), "LENDHOUSE_LAKE_CATALOG_URL": address})
        lake = Lake(home)
        write(lake, 1)
        publish(lake, "one")
        assert lake.exists()
        assert figures(lake.open_reader()) == [1]
        assert psycopg.conninfo.conninfo_to_dict(lake.catalog.attach_path().removeprefix("ducklake:postgres:")) == (
            psycopg.conninfo.conninfo_to_dict(address)
        )
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute('reassign owned by "odd user" to postgres; drop role "odd user"')


def test_an_odd_password_is_told_in_no_spelling(tmp_path: Path) -> None:
    address = with_user(f"postgresql://u@/lake?host={tmp_path}", ODD_PASSWORD)
    lake = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path), "LENDHOUSE_LAKE_CATALOG_URL": address}))
    for use in (lake.exists, lake.open_reader, lambda: lake.attach_for_writing(lake.connect())):
        with pytest.raises(LakeUnreachable) as caught:
            use()
        for piece in ("p@s", "p%40s", "w'd", "w\\'d", "w%27d"):
            assert piece not in str(caught.value)


class Unlucky:
    """A connection whose first commits fail as DuckDB's do when the catalog is locked: rolled back already."""

    def __init__(self, failures: int) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create table t (v int)")
        self.failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def commit(self) -> None:
        if self.failures:
            self.failures -= 1
            self.connection.rollback()
            raise duckdb.TransactionException("Failed to commit: database is locked")
        self.connection.commit()


def test_a_commit_that_found_the_catalog_locked_is_tried_again() -> None:
    connection: Any = Unlucky(2)
    assert in_one_commit(connection, lambda: connection.execute("insert into t values (1)") and "done") == "done"
    assert connection.execute("select * from t").fetchall() == [(1,)]


def test_a_step_that_fails_leaves_nothing_and_says_why() -> None:
    connection = duckdb.connect()
    connection.execute("create table t (v int)")

    def step() -> None:
        connection.execute("insert into t values (1)")
        raise ValueError("not this one")

    with pytest.raises(ValueError, match="not this one"):
        in_one_commit(connection, step)
    assert connection.execute("select * from t").fetchall() == []


def test_what_cannot_be_opened_is_closed_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[duckdb.DuckDBPyConnection] = []
    connect = Lake.connect

    def noted(self: Lake) -> duckdb.DuckDBPyConnection:
        opened.append(connect(self))
        return opened[-1]

    write(lake, 1)
    monkeypatch.setattr(Lake, "connect", noted)
    assert lake.exists()
    with pytest.raises(LakeMissing):
        lake.open_reader()
    for connection in opened:
        with pytest.raises(duckdb.ConnectionException):
            connection.execute("select 1")
