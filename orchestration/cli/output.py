"""What commands print: a table for people, JSON for programs, progress on standard error.

Belongs here: shapes of output. Does not: where the figures come from.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Give a command --json, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


class BadInput(click.ClickException):
    """What was given cannot be used; exit status 2."""

    exit_code = 2


def refuse(message: str) -> NoReturn:
    """Bad input: exit status 2 and nothing on standard output."""
    raise BadInput(message)


def say(message: str) -> None:
    """A line of progress."""
    click.echo(message, err=True)


def as_text(value: Any, is_exact: bool = False) -> str:
    """A value as the interface writes it: money and rates in full, dates ISO 8601, instants with their offset.

    is_exact: floats with every digit, as in answers to queries; else rounded, as measured figures are shown.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value) if is_exact else f"{value:.6g}"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def as_json_value(value: Any) -> Any:
    """A value as JSON holds it: decimals as strings, so that no paisa passes through a float."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): as_json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [as_json_value(inner) for inner in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    json.dump(as_json_value(value), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    title: str | None = None,
    note: str | None = None,
    is_exact: bool = False,
) -> None:
    """A table on standard output; numbers to the right. Not cut to the terminal when written to a file or pipe.

    is_exact: as in as_text.
    """
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    body = [list(row) for row in rows]
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    table = RichTable(show_edge=False, pad_edge=False)
    for index, name in enumerate(columns):
        is_number = any(isinstance(row[index], int | float | Decimal) for row in body)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in body:
        table.add_row(*(Text(as_text(value, is_exact)) for value in row))
    if title:
        console.print(Text(title, style="bold"))
    console.print(table)
    if note:
        say(note)


def print_records(records: Sequence[dict[str, Any]], as_json: bool, title: str | None = None) -> None:
    """The same records as JSON or as a table; keys of the first record are the columns."""
    if as_json:
        print_json(list(records))
    elif records:
        print_table(list(records[0]), ([record.get(key) for key in records[0]] for record in records), title)


def existing(path: Path, what: str) -> Path:
    """The path, or a refusal that names it."""
    if not path.exists():
        refuse(f"{what} {path} does not exist")
    return path
