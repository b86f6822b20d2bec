"""The landing folder: what is ready, where it goes, and what a kill or a second run changes."""

import os
import time
from pathlib import Path

import pytest

from ingestion import landing_folder, sources
from ingestion.files import StillWritten
from ingestion.landing import Landed
from ingestion.sources import ingest_landing
from tests.ingestion import books
from warehouse.lake import Lake


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


def test_nothing_waiting_opens_no_lake(lake: Lake) -> None:
    assert take(lake) == []
    assert not lake.exists()
