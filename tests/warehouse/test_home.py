"""One installation's places and secrets."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from warehouse.home import EmptySecret, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.from_environment({"LENDHOUSE_HOME": str(tmp_path)})


def test_many_threads_get_one_secret(home: Home) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: home.secret("key"), range(200)))
    assert len(made) == 1
    assert len(made.pop()) >= 32
    file = home.root / "secrets" / "key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_several_programs_get_one_secret(home: Home) -> None:
    code = "from warehouse.home import Home; print(Home.from_environment().secret('key'))"
    environment = {"LENDHOUSE_HOME": str(home.root)}
    programs = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    made = {program.communicate(timeout=60)[0].strip() for program in programs}
    assert made == {home.secret("key")}


def test_a_draft_left_by_a_killed_program_is_no_secret(home: Home) -> None:
    folder = home.root / "secrets"
    folder.mkdir()
    (folder / ".key.killed").touch()
    assert home.secret("key")


def test_an_empty_secret_is_refused_with_what_to_do(home: Home) -> None:
    file = home.root / "secrets" / "key"
    file.parent.mkdir()
    file.write_text("\n")
    with pytest.raises(EmptySecret, match="put it back from a backup, or delete it"):
        home.secret("key")


def test_what_is_printed_of_a_home_holds_no_password(tmp_path: Path) -> None:
    names = ("LAKE_CATALOG", "LAKE_DATA", "OLTP", "MLFLOW", "DAGSTER")
    urls = {f"LENDHOUSE_{name}_URL": "postgresql://u:hidden-word@host/db" for name in names}
    printed = repr(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path), **urls}))
    assert str(tmp_path) in printed
    assert "hidden-word" not in printed
