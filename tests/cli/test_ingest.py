"""`lendhouse ingest`, `simulate` and `model`: words in, one step done, words out."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.conftest import Lendhouse
from warehouse.home import REPOSITORY


def loans_of_the_readme() -> str:
    text = (REPOSITORY / "README.md").read_text()
    found = re.search(r"^ +(loan_id,.*\n +L1,.*)$", text, re.M)
    assert found is not None
    return re.sub(r"^ +", "", found.group(1), flags=re.M) + "\n"


def test_the_file_shown_in_the_readme_is_taken_in_once(lendhouse: Lendhouse, tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(loans_of_the_readme())
    first = json.loads(lendhouse("ingest", "portfolio", "--from", file, "--json").out)
    assert [(b["table"], b["status"], b["rows_accepted"], b["control_total_accepted"]) for b in first] == [
        ("loans", "ACCEPTED", 1, "100000.00")
    ]
    again = json.loads(lendhouse("ingest", "portfolio", "--from", file, "--json").out)
    assert [(b["status"], b["rows_accepted"]) for b in again] == [("KNOWN", 0)]


def test_refused_rows_are_told_with_their_reason(lendhouse: Lendhouse, tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(loans_of_the_readme() + "L2,BR1,NBFC1,PERSONAL,INR,-5.00,2026-01-15,0.12,12\n")
    shown = lendhouse("ingest", "portfolio", "--from", file)
    assert shown.status == 0
    assert "PARTLY" in shown.out
    assert "set aside: 1 of loans, principal: " in shown.err


def test_a_file_that_cannot_be_read_exits_2_and_says_why(lendhouse: Lendhouse, tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text("loan_id,product_code\nL1,HOME\n")
    shown = lendhouse("ingest", "portfolio", "--from", file)
    assert (shown.status, shown.out) == (2, "")
    assert "loans.csv: the columns branch_id, entity_id, currency are missing" in shown.err


def test_a_source_or_path_that_is_not_there_is_refused(lendhouse: Lendhouse, tmp_path: Path) -> None:
    assert "known: portfolio" in lendhouse("ingest", "elsewhere", "--from", tmp_path).err
    assert "does not exist" in lendhouse("ingest", "portfolio", "--from", tmp_path / "nothing").err
    empty = lendhouse("ingest", "portfolio", "--from", tmp_path)
    assert (empty.status, empty.out) == (2, "")


def test_simulate_writes_and_tells_how_close_it_came(lendhouse: Lendhouse, tmp_path: Path) -> None:
    made = json.loads(
        lendhouse("simulate", "--loans", "60", "--months", "6", "--seed", "3", "--out", tmp_path / "p", "--json").out
    )
    assert made["rows"]["loans"] == 60
    assert {figure["name"] for figure in made["calibration"]} >= {"roll rate: current to late"}
    assert list((tmp_path / "p" / "loans").iterdir())


def test_simulate_refuses_what_it_cannot_do(lendhouse: Lendhouse, tmp_path: Path) -> None:
    shown = lendhouse("simulate", "--months", "100000", "--out", tmp_path / "p")
    assert (shown.status, shown.out) == (2, "")
    assert "months" in shown.err
    assert not (tmp_path / "p").exists()


def test_a_model_without_versions_says_what_comes_first(lendhouse: Lendhouse) -> None:
    shown = lendhouse("model", "promote", "pd")
    assert (shown.status, shown.out) == (2, "")
    assert "lendhouse model train pd" in shown.err
