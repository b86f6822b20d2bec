"""The command itself: what it lists, how fast it answers, what its exit status means."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest

from orchestration.cli.main import COMMANDS, cli
from tests.cli.conftest import Lendhouse
from warehouse.home import REPOSITORY
from warehouse.lake import Lake


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    with click.Context(cli) as ctx:
        for name in cli.list_commands(ctx):
            command = cli.get_command(ctx, name)
            found.append((name,))
            if isinstance(command, click.Group):
                found += [(name, inner) for inner in command.list_commands(ctx)]
    return found


def test_help_lists_every_command(lendhouse: Lendhouse) -> None:
    shown = lendhouse("--help")
    assert shown.status == 0
    for name, (_, meaning) in COMMANDS.items():
        assert name in shown.out
        assert meaning.split(".")[0][:40] in shown.out


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_help_has_an_example(lendhouse: Lendhouse, words: tuple[str, ...]) -> None:
    shown = lendhouse(*words, "--help")
    assert shown.status == 0
    assert "Example:" in shown.out
    assert f"lendhouse {words[0]}" in shown.out.split("Example:")[1]


@pytest.mark.parametrize("words", [words for words in every_command() if len(words) == 1], ids=" ".join)
def test_every_command_speaks_json(lendhouse: Lendhouse, words: tuple[str, ...]) -> None:
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, words[0])
        assert command is not None
        leaves = (
            [command.get_command(ctx, n) for n in command.list_commands(ctx)]
            if isinstance(command, click.Group)
            else [command]
        )
    for leaf in leaves:
        assert leaf is not None
        assert "--json" in [option for parameter in leaf.params for option in parameter.opts], leaf.name


def test_help_waits_for_no_heavy_library() -> None:
    """What makes the list of commands quick is what it does not import."""
    code = (
        "import sys; from orchestration.cli.main import run; run(['--help']);"
        "print([m for m in ('duckdb','polars','pandas','rich','dagster','mlflow','dbt','numba') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [("no-such-command",), ("lake", "sql"), ("simulate", "--loans", "many", "--out", "x"), ("model", "train", "other")],
)
def test_bad_input_exits_2_and_prints_nothing(lendhouse: Lendhouse, words: tuple[str, ...]) -> None:
    shown = lendhouse(*words)
    assert (shown.status, shown.out) == (2, "")
    assert "Error: " in shown.err


def test_a_failure_of_our_own_exits_1_and_says_what_to_do(lendhouse: Lendhouse) -> None:
    shown = lendhouse("lake", "sql", "select 1")
    assert (shown.status, shown.out) == (1, "")
    assert "lendhouse demo" in shown.err
    assert "Traceback" not in shown.err


def test_traceback_shows_where_a_failure_happened(lendhouse: Lendhouse) -> None:
    assert "Traceback" in lendhouse("--traceback", "lake", "sql", "select 1").err


def test_version_is_told(lendhouse: Lendhouse) -> None:
    from importlib.metadata import version

    assert lendhouse("--version").out == f"lendhouse {version('lendhouse')}\n"


def test_a_reader_that_has_seen_enough_is_no_error(published: Lake) -> None:
    script = f"{sys.executable} -m orchestration.cli.main lake sql 'from range(300000)' --format csv | head -n 2"
    shown = subprocess.run(
        ["bash", "-c", f"{script}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, "LENDHOUSE_HOME": str(published.home.root)},
    )
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "range\n0\n", "")
