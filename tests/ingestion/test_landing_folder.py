"""The landing folder: what is ready, where it goes, and what a kill or a second run changes."""

import os
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion import bronze, landing, landing_folder, sources
from ingestion.files import StillWritten
from ingestion.landing import Landed
from ingestion.sources import ingest_landing
from tests.ingestion import books
from warehouse.home import Home
from warehouse.lake import Lake, LakeMissing
from warehouse.lock import LakeBusy


def drop(lake: Lake, name: str, *rows: dict[str, object], seconds_ago: float = 60) -> Path:
    path = books.write(lake.home.landing / "portfolio", name, *rows)
    _age(path, seconds_ago)
    return path


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def take(lake: Lake) -> list[Landed]:
    return ingest_landing(lake, books.RECEIVED_AT, validate=False)


def test_committed_files_move_to_landed(lake: Lake) -> None:
    path = drop(lake, "loans/part-1.csv", books.loan())
    assert [landed.status for landed in take(lake)] == ["ACCEPTED"]
    assert not path.exists()
    assert (lake.home.landed / "portfolio" / "loans" / "part-1.csv").exists()


def test_file_still_being_written_is_left_alone_until_it_is_quiet(lake: Lake) -> None:
    path = drop(lake, "loans.csv", books.loan(), seconds_ago=0)
    assert take(lake) == []
    assert path.exists()
    _age(path, 60)
    assert [landed.status for landed in take(lake)] == ["ACCEPTED"]


@pytest.mark.parametrize("name", ["loans.csv.part", "loans.tmp", "~$loans.xlsx", ".loans.csv.swp", "loans.crdownload"])
def test_temporary_names_are_left_alone(lake: Lake, name: str) -> None:
    path = drop(lake, name, books.loan())
    drop(lake, "loans.csv", books.loan())
    assert len(take(lake)) == 1
    assert path.exists()


def test_file_that_grows_while_it_is_read_is_left_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(lake, "loans.csv", books.loan())
    read = sources.files.read

    def read_while_it_grows(file: Path, known: tuple[str, ...] = ()) -> object:
        frame = read(file, known)
        with file.open("a") as growing:
            growing.write("L2,B1,E1,CAR,INR,5.00,2025-01-15\n")
        return frame

    monkeypatch.setattr(sources.files, "read", read_while_it_grows)
    assert take(lake) == []
    assert books.query(lake, "select count(*) from lake.bronze.batches") == [(0,)]
    with pytest.raises(StillWritten, match="still being written"):
        books.take_in(lake, path)


def test_unreadable_file_moves_aside_beside_a_message(lake: Lake) -> None:
    path = drop(lake, "loans.csv", {"loan_id": "L1"})
    other = drop(lake, "branches.csv", books.branch())
    assert {landed.status for landed in take(lake)} == {"ACCEPTED", "REJECTED"}
    aside = lake.home.rejected / "portfolio" / "loans.csv"
    note = aside.with_name("loans.csv.txt").read_text()
    assert not path.exists()
    assert not other.exists()
    assert aside.read_text() == "loan_id\nL1\n"
    assert "the columns branch_id, entity_id, product_code, currency are missing" in note
    assert f"Put the mended file into {path.parent}" in note


def test_tables_are_taken_in_the_order_in_which_they_refer_to_each_other(lake: Lake) -> None:
    drop(lake, "events.csv", books.payment())
    drop(lake, "loans.csv", books.loan())
    assert [(landed.table, landed.status) for landed in take(lake)] == [("loans", "ACCEPTED"), ("events", "ACCEPTED")]


def test_kill_between_commit_and_move_is_mended_by_the_next_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(lake, "loans.csv", books.loan())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(landing_folder, "put_away", killed)
        with pytest.raises(KeyboardInterrupt):
            take(lake)
    assert path.exists()
    assert [(landed.status, landed.rows_accepted) for landed in take(lake)] == [("KNOWN", 0)]
    assert not path.exists()
    assert books.query(lake, "select count(*) from lake.bronze.loans") == [(1,)]


def test_another_file_of_the_same_name_keeps_both(lake: Lake) -> None:
    drop(lake, "loans.csv", books.loan())
    take(lake)
    drop(lake, "loans.csv", books.loan(loan_id="L2"))
    take(lake)
    assert len(list((lake.home.landed / "portfolio").iterdir())) == 2


def test_files_with_identifiers_are_not_kept(lake: Lake) -> None:
    drop(lake, "branches.csv", books.branch())
    path = drop(lake, "customers.csv", books.customer())
    take(lake)
    assert not path.exists()
    kept = sorted(file.name for file in (lake.home.landed / "portfolio").iterdir())
    assert kept == ["branches.csv", "customers.csv.receipt.json"]


def test_folders_are_private_and_rejected_files_are_deleted_in_time(lake: Lake) -> None:
    drop(lake, "customers.csv", {"pan": books.PAN})
    take(lake)
    aside = lake.home.rejected / "portfolio" / "customers.csv"
    assert [oct(folder.stat().st_mode & 0o777) for folder in (lake.home.landing, lake.home.rejected)] == ["0o700"] * 2
    assert oct(aside.stat().st_mode & 0o777) == "0o600"
    _age(aside.with_name("customers.csv.txt"), 31 * 86_400)
    take(lake)
    assert not aside.exists()
    assert aside.with_name("customers.csv.txt").exists()


def test_nothing_waiting_opens_no_lake(home: Home) -> None:
    lake = Lake(home)
    assert take(lake) == []
    assert not lake.exists()


def test_rejected_text_files_are_deleted_in_time_too(lake: Lake) -> None:
    drop(lake, "customers.txt", {"pan": books.PAN})
    take(lake)
    aside = lake.home.rejected / "portfolio" / "customers.txt"
    note = aside.with_name("customers.txt.txt")
    assert aside.exists()
    _age(note, 31 * 86_400)
    take(lake)
    assert (aside.exists(), note.exists()) == (False, True)


def test_files_outside_a_source_are_put_aside_when_quiet(lake: Lake) -> None:
    astray = [books.write(lake.home.landing, name, books.loan()) for name in ("loans.csv", "portfolo/loans.csv")]
    assert take(lake) == []
    for path in astray:
        _age(path, 60)
    assert [(landed.status, landed.file_name) for landed in take(lake)] == [("REJECTED", "loans.csv")] * 2
    for path in astray:
        aside = lake.home.rejected / path.relative_to(lake.home.landing)
        note = aside.with_name("loans.csv.txt").read_text()
        assert (path.exists(), aside.exists()) == (False, True)
        assert "the sources are sba_national, uci_credit_card, portfolio" in note
        assert f"Put the mended file into {lake.home.landing}/<source>" in note


def test_file_that_cannot_be_read_stops_no_other(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = sources.files.sha256

    def refused(path: Path) -> str:
        if path.name == "branches.csv":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "customers.csv":
            path.unlink()
        return sha256(path)

    drop(lake, "branches.csv", books.branch())
    drop(lake, "customers.csv", books.customer())
    drop(lake, "loans.csv", books.loan())
    deep = drop(lake, "events.jsonl")
    deep.write_text('{"event_id": ' + "[" * 200_000 + "]" * 200_000 + "}\n")
    _age(deep, 60)
    monkeypatch.setattr(sources.files, "sha256", refused)
    landed = {one.file_name: one for one in take(lake)}
    assert {name: one.status for name, one in landed.items()} == {
        "branches.csv": "REJECTED",
        "customers.csv": "REJECTED",
        "events.jsonl": "REJECTED",
        "loans.csv": "ACCEPTED",
    }
    assert "(PermissionError)" in landed["branches.csv"].message
    assert "(FileNotFoundError)" in landed["customers.csv"].message
    assert "(RecursionError)" in landed["events.jsonl"].message
    aside = sorted(path.name for path in (lake.home.rejected / "portfolio").iterdir())
    assert aside == ["branches.csv", "branches.csv.txt", "events.jsonl", "events.jsonl.txt"]


def test_rows_that_cannot_be_examined_are_put_aside_whole(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def uncastable(*_: object) -> None:
        raise pl.exceptions.InvalidOperationError(f"conversion failed: {books.PAN}")

    drop(lake, "loans.csv", books.loan())
    monkeypatch.setattr(landing, "examine", uncastable)
    (landed,) = take(lake)
    assert (landed.status, landed.rows_received) == ("REJECTED", 0)
    assert landed.message == "loans: the rows could not be examined (InvalidOperationError)"


@pytest.mark.parametrize("error", [LakeBusy("held"), LakeMissing("none"), duckdb.IOException("disk full")])
def test_trouble_with_the_lake_is_not_blamed_on_the_file(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    path = drop(lake, "loans.csv", books.loan())
    monkeypatch.setattr(bronze, "insert_rows", fails)
    with pytest.raises(type(error)):
        take(lake)
    assert path.exists()


def test_file_of_a_folder_that_changes_while_it_is_read_waits(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lake.home.landing / "portfolio"
    drop(lake, "branches.csv", books.branch())
    drop(lake, "loans.csv", books.loan())
    refuse_changed = sources.files.refuse_changed

    def changed(path: Path, before: os.stat_result) -> None:
        if path.name == "branches.csv":
            raise StillWritten(f"{path.name} is still being written")
        refuse_changed(path, before)

    monkeypatch.setattr(sources.files, "refuse_changed", changed)
    assert [(one.file_name, one.status) for one in books.take_in(lake, folder)] == [
        ("branches.csv", "WAITING"),
        ("loans.csv", "ACCEPTED"),
    ]
    assert books.query(lake, "select file_name from lake.bronze.batches") == [("loans.csv",)]
