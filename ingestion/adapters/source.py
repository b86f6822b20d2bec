"""What an adapter is: one file of a source becomes frames of our tables.

Belongs here: the shape of an adapter. Does not: any source's columns (one module a source), reading or landing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from warehouse.contracts.table import Rule, Table


@dataclass(frozen=True)
class Mapped:
    """The rows of one file meant for one table: row_number and contract names, values as received.

    left_out: rows that say nothing for this table and are dropped; left_out_because: why. rows_of_each: how many rows
    one file row becomes, those left out included. What does not add up to the file's own rows is refused.
    rules: claims of this source beyond the contract; they may read further columns of the frame, which are not stored.
    """

    table: Table
    frame: pl.DataFrame
    rules: tuple[Rule, ...] = ()
    left_out: int = 0
    left_out_because: str = ""
    rows_of_each: int = 1

    def fault(self, rows_in_file: int) -> str | None:
        """What is wrong when the file's rows and those of the frame do not add up; None when they do."""
        expected = rows_in_file * self.rows_of_each
        if self.frame.height + self.left_out == expected:
            return None
        return f"{expected} rows expected of {rows_in_file}, but {self.frame.height} + {self.left_out} left out"


@dataclass(frozen=True)
class Source:
    """One source of files.

    tables: the tables a file with this name feeds, in the order in which they refer to each other; () when the name
    tells nothing. columns: the names a file of these tables may have. mapped: the file's rows for each table; raises
    files.Unreadable when a column is missing. suffixes: kinds of file that are taken.
    """

    name: str
    meaning: str
    tables: Callable[[Path], tuple[Table, ...]]
    columns: Callable[[Path], tuple[str, ...]]
    mapped: Callable[[Path, pl.DataFrame], tuple[Mapped, ...]]
    sample: Path | None = field(default=None)
