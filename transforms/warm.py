"""Compiling the kernels ahead of their first use.

Belongs here: one small call of every compiled kernel. Does not: measuring or testing them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.kernel_cache import use_kernel_cache
from warehouse.home import Home

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = 3
DISBURSED_ON = date(2025, 1, 15)


def warm_kernels(home: Home, parts: Sequence[str] = ("schedules", "engine")) -> Path:
    """Compile kernels into the cache of the sources as they stand; the folder. Costs little when it is warm.

    parts: schedules (what the lake's build and the simulator call; seconds), engine (the walk of loans; a minute).
    """
    folder = use_kernel_cache(home)
    if "schedules" in parts:
        _warm_schedules()
    if "engine" in parts:
        _warm_one_loan()
        _warm_books()
        _warm_day_end()
    _forget_old(folder)
    return folder


def _warm_one_loan() -> None:
    """The walk of one loan, and what is read out of it: what a document's commands call."""
    from transforms.kernels.loan import Loan, Terms
    from transforms.kernels.replay import payoff, replay, schedule_of

    loan = Loan("L1", "INR", Terms(Decimal(100000), DISBURSED_ON, Decimal("0.12"), 12))
    schedule_of(loan)
    replay(loan, DISBURSED_ON)
    payoff(loan, DISBURSED_ON)


def _warm_books() -> None:
    """The walk of many loans, with events and without, to a day and through all days."""
    import numpy as np

    from transforms.kernels.book import histories, history_room, replays, schedules
    from transforms.kernels.book_tables import book_from
    from transforms.kernels.columns import day_number_of
    from transforms.kernels.state import END, Norms, allocations

    list(schedules(book_from(_terms(interest_method_code=["flat"]))))
    book = book_from(_terms())
    list(replays(book, day_number_of(DISBURSED_ON), Norms(), np.zeros(1, END), allocations(100)))
    list(histories(book, day_number_of(DISBURSED_ON), Norms(), np.zeros(1, END), history_room(100)))


def _warm_day_end() -> None:
    """The close of a day."""
    import numpy as np

    from transforms.kernels.day_end import ROWS, close_day
    from transforms.kernels.state import Norms

    close_day(np.zeros((ROWS, 1), np.int64), 0, Norms())


def _warm_schedules() -> None:
    """The schedules of plain loans, which are all that the simulator and most of the lake's schedules use."""
    from transforms.kernels.book import schedules
    from transforms.kernels.book_tables import book_from

    list(schedules(book_from(_terms())))


def _terms(**more: list[Any]) -> pa.Table:
    """One loan as columns."""
    import pyarrow as pa

    columns = {"principal": [Decimal(100000)], "disbursed_on": [DISBURSED_ON], "annual_rate": [Decimal("0.12")]}
    return pa.table({**columns, "installments": [12], **more})


def _forget_old(folder: Path) -> None:
    """Remove the compiled code of sources long gone; the newest few stay for other checkouts of the same venv."""
    others = sorted((p for p in folder.parent.iterdir() if p.is_dir() and p != folder), key=lambda p: p.stat().st_mtime)
    for old in others[: -KEPT or None]:
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    asked = sys.argv[1:] or ["schedules", "engine"]
    warm_kernels(Home.from_environment(), asked)
    sys.stdout.write(f"compiled kernels: {', '.join(asked)}\n")
