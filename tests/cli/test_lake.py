"""`lendhouse lake`: asking the lake, in every form of answer, without being able to change or leave it."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import fastexcel
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Lendhouse
from warehouse.lake import Lake

pytestmark = pytest.mark.usefixtures("published")
ALL = "select * from loans order by loan_id"


def test_a_table_is_printed_for_people(lendhouse: Lendhouse) -> None:
    shown = lendhouse("lake", "sql", "select loan_id, principal from loans order by 1")
    assert shown.status == 0
    assert [line.split() for line in shown.out.splitlines()[2:]] == [
        ["L1", "│", "1000.10"],
        ["L2", "│", "2000.20"],
        ["L3", "│", "3000.30"],
    ]
    assert shown.err == "3 rows\n"


def test_json_keeps_money_as_exact_text(lendhouse: Lendhouse) -> None:
    first = json.loads(lendhouse("lake", "sql", ALL, "--json").out)[0]
    assert first["principal"] == "1000.10"
    assert (first["disbursed_on"], first["is_open"]) == ("2026-01-31", False)
    assert datetime.fromisoformat(first["booked_at"]) == datetime.fromisoformat("2026-01-31T10:00:00+05:30")


def test_csv_goes_to_standard_output(lendhouse: Lendhouse) -> None:
    rows = list(csv.DictReader(io.StringIO(lendhouse("lake", "sql", ALL, "--format", "csv").out)))
    assert [row["principal"] for row in rows] == ["1000.10", "2000.20", "3000.30"]
    assert rows[0]["is_open"] == "false"


def test_floats_keep_every_digit(lendhouse: Lendhouse) -> None:
    sql = "select 1234567.891::double as d, 0.1::double as e, 'inf'::double as f"
    assert lendhouse("lake", "sql", sql, "--format", "csv").out == "d,e,f\n1234567.891,0.1,inf\n"
    assert "1234567.891" in lendhouse("lake", "sql", sql).out
    assert json.loads(lendhouse("lake", "sql", sql, "--json").out) == [{"d": 1234567.891, "e": 0.1, "f": None}]


def test_the_ending_of_out_is_the_format(lendhouse: Lendhouse, tmp_path: Path) -> None:
    assert lendhouse("lake", "sql", ALL, "--out", tmp_path / "a.parquet").status == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column("principal").to_pylist() == [Decimal("1000.10"), Decimal("2000.20"), Decimal("3000.30")]
    assert table.column("disbursed_on").to_pylist()[0] == date(2026, 1, 31)


def test_a_spreadsheet_has_numbers_dates_and_harmless_text(lendhouse: Lendhouse, tmp_path: Path) -> None:
    columns = "principal, disbursed_on, '=1+1' as note, null as nothing, is_open, 'nan'::double as odd"
    sql = f"select {columns} from loans order by principal"
    assert lendhouse("lake", "sql", sql, "--format", "xlsx", "--out", tmp_path / "a.xlsx").status == 0
    sheet = fastexcel.read_excel(tmp_path / "a.xlsx").load_sheet(0).to_polars()
    assert sheet["principal"].to_list() == [1000.10, 2000.20, 3000.30]
    assert sheet["disbursed_on"].to_list()[0].isoformat().startswith("2026-01-31")
    assert sheet["note"].to_list() == ["=1+1"] * 3
    assert sheet["is_open"].to_list() == [False, True, True]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_limit_holds_in_files_too(lendhouse: Lendhouse, tmp_path: Path, form: str) -> None:
    shown = lendhouse("lake", "sql", ALL, "--limit", "2", "--format", form, "--out", tmp_path / f"a.{form}")
    assert shown.err.startswith("2 rows written")
    assert not list(tmp_path.glob(".*.part"))


def test_limit_says_that_there_is_more(lendhouse: Lendhouse) -> None:
    shown = lendhouse("lake", "sql", ALL, "--limit", "2", "--json")
    assert len(json.loads(shown.out)) == 2
    assert "--limit 0 gives all" in shown.err
    assert len(json.loads(lendhouse("lake", "sql", ALL, "--limit", "0", "--json").out)) == 3


def test_an_earlier_snapshot_is_read_again(lendhouse: Lendhouse) -> None:
    closings = json.loads(lendhouse("lake", "snapshots", "--json").out)
    assert [closing["as_of"] for closing in closings] == ["2026-01-28", "2026-02-28"]
    for closing, loans in zip(closings, (1, 3), strict=True):
        shown = lendhouse("lake", "sql", ALL, "--json", "--as-of-snapshot", str(closing["snapshot_id"]))
        assert len(json.loads(shown.out)) == loans


def test_a_snapshot_that_never_was_is_refused(lendhouse: Lendhouse) -> None:
    shown = lendhouse("lake", "sql", ALL, "--as-of-snapshot", "4711")
    assert (shown.status, shown.out) == (2, "")
    assert "there is no snapshot 4711" in shown.err


@pytest.mark.parametrize("early", ["0", "1", "2", "3"])
def test_a_snapshot_of_the_lake_being_made_is_refused_and_the_first_usable_one_named(
    lendhouse: Lendhouse, early: str
) -> None:
    first = json.loads(lendhouse("lake", "snapshots", "--json").out)[0]["snapshot_id"]
    shown = lendhouse("lake", "sql", "show tables", "--as-of-snapshot", early)
    assert (shown.status, shown.out) == (2, "")
    assert f"at snapshot {early} the lake had no tables yet; the first that can be read is 4" in shown.err
    assert f"the first published one {first}" in shown.err
    assert lendhouse("lake", "sql", "show tables", "--as-of-snapshot", "4").status == 0


def test_the_latest_closing_is_in_the_closings(lendhouse: Lendhouse) -> None:
    published = [closing["snapshot_id"] for closing in json.loads(lendhouse("lake", "snapshots", "--json").out)]
    shown = lendhouse("lake", "sql", "select snapshot_id from closings order by 1", "--json")
    assert [row["snapshot_id"] for row in json.loads(shown.out)] == published


def test_answers_come_while_a_build_is_half_way(lendhouse: Lendhouse, published: Lake) -> None:
    with published.open_writer("a build") as connection:
        connection.execute("create or replace table lake.gold.loans as select 'half' as loan_id")
        connection.execute("begin")
        connection.execute("insert into lake.gold.loans values ('more')")
        shown = lendhouse("lake", "sql", ALL, "--json")
        connection.execute("rollback")
    assert [row["loan_id"] for row in json.loads(shown.out)] == ["L1", "L2", "L3"]


def test_a_query_may_come_from_standard_input(lendhouse: Lendhouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("select count(*) as n from loans"))
    assert json.loads(lendhouse("lake", "sql", "-", "--json").out) == [{"n": 3}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("select * from read_csv('/etc/passwd')",), "read_csv(…) is not allowed"),
        (("drop table loans",), "give one SELECT statement"),
        (("select * from loan",), "did you mean gold.loans"),
        (("select nothing from loans",), "nothing"),
        (("select 'x'::integer",), "Could not convert"),
        (("select 1", "--format", "xlsx"), "--format xlsx needs --out"),
        (("select 1", "--json", "--format", "csv"), "--json goes to the screen"),
        (("select 1", "--out", "/no/such/folder/a.csv"), "/no/such/folder does not exist"),
        (("select 1", "--out", "a.txt", "--format", "table"), "--out needs --format"),
        (("select 1", "--limit", "-1"), "--limit"),
    ],
)
def test_bad_questions_exit_2_with_a_reason_and_no_output(
    lendhouse: Lendhouse, words: tuple[str, ...], said: str
) -> None:
    shown = lendhouse("lake", "sql", *words)
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err


def test_a_failing_query_leaves_no_file_behind(lendhouse: Lendhouse, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    shown = lendhouse("lake", "sql", "select error('stop') from loans", "--out", out)
    assert shown.status != 0
    assert list(tmp_path.glob("*.csv*")) == list(tmp_path.glob(".*.part")) == []
