"""The `lendhouse` command: finds the subcommand, imports it alone, and turns every outcome into an exit status.

Belongs here: the list of commands and the meaning of exit statuses. Does not: what a command does (<command>.py).
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import click

OWN_FAILURE, BAD_INPUT = 1, 2

# name -> where it is, and its line in the list; a module is imported only when its command is asked for
COMMANDS = {
    "demo": ("orchestration.cli.demo:command", "Build a lake from the bundled real data and say what to open."),
    "up": ("orchestration.cli.up:command", "Serve API, dashboards, Dagster and MLflow until Ctrl-C."),
    "simulate": ("orchestration.cli.simulate:command", "Write a reproducible portfolio as source files."),
    "ingest": ("orchestration.cli.ingest:command", "Load files of one source into bronze."),
    "eod": ("orchestration.cli.eod:command", "Close a business day: receive, build, check, publish."),
    "loan": ("orchestration.cli.loan:command", "What a loan owes: schedule, replay, payoff, KFS, statement."),
    "lake": ("orchestration.cli.lake:command", "Read-only SQL on the lake; its published snapshots."),
    "model": ("orchestration.cli.model:command", "Train, evaluate, promote or score a model."),
    "bench": ("orchestration.cli.bench:command", "Measure this machine: figures and the ratio to a floor."),
    "doctor": ("orchestration.cli.doctor:command", "Check the installation and say how to mend it."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when asked for, so that --help does not wait for them."""

    def __init__(self, commands: Mapping[str, tuple[str, str]], help: str) -> None:
        super().__init__(name="lendhouse", help=help)
        self.lazy = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        module, attribute = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output has seen enough (`| head`): no failure, and nothing to say when Python flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.lazy.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"lendhouse {version('lendhouse')}")
        ctx.exit()


cli = LazyGroup(
    COMMANDS,
    help="Lendhouse: an open lending lakehouse for banks and NBFCs.\n\n"
    "Each command prints a table, or JSON with --json; progress goes to standard error. Exit status: 0 success, "
    "2 bad input, 1 a failure of the command's own.\n\n"
    "\b\nExample:\n  lendhouse demo\n"
    '  lendhouse lake sql "select product_code, count(*) from servicing__loan_latest group by 1"',
)
cli.params = [
    click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it."),
    click.Option(["--traceback"], is_flag=True, expose_value=False, help="Show where a failure happened."),
]


def run(arguments: list[str]) -> int:
    """Run one command line; its exit status. Nothing is raised: a failure is a line on standard error."""
    try:
        result = cli.main(args=arguments, prog_name="lendhouse", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:  # UsageError and BadInput carry 2, others 1
        error.show()
        return error.exit_code
    except SystemExit as leave:  # click leaves this way after shell completion
        return int(leave.code or 0)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return OWN_FAILURE
    except Exception as error:
        if "--traceback" in arguments:
            traceback.print_exc()
        click.echo(f"Error: {_message(error)}", err=True)
        return BAD_INPUT if _is_bad_home(error) else OWN_FAILURE


def _is_bad_home(error: Exception) -> bool:
    from warehouse.home import BadHome

    return isinstance(error, BadHome)


def _message(error: Exception) -> str:
    """Our own failures speak for themselves; of others the kind is part of what went wrong."""
    from orchestration.faults import words_for
    from warehouse.home import Home

    if not _is_bad_home(error) and (told := words_for(error, Home.from_environment().root)):
        return told
    is_ours = type(error).__module__.split(".")[0] in {"warehouse", "transforms", "ingestion", "models_ml"}
    return str(error) if is_ours else f"{type(error).__name__}: {error}"


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
