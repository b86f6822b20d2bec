"""Compiling the kernels ahead of their first use.

Belongs here: one small call of every compiled kernel. Does not: measuring or testing them.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from transforms.kernel_cache import use_kernel_cache
from warehouse.home import Home

KEPT = 3


def warm_kernels(home: Home) -> Path:
    """Compile every kernel into the cache of the sources as they stand; the folder. Costs little when it is warm."""
    folder = use_kernel_cache(home)
    from transforms.kernels.schedule import schedule_book
    from transforms.kernels.terms import Terms, columns

    loan = Terms(Decimal(100000), date(2025, 1, 15), Decimal("0.12"), 12)
    schedule_book(columns([loan]))
    _forget_old(folder)
    return folder


def _forget_old(folder: Path) -> None:
    """Remove the compiled code of sources long gone; the newest few stay for other checkouts of the same venv."""
    others = sorted((p for p in folder.parent.iterdir() if p.is_dir() and p != folder), key=lambda p: p.stat().st_mtime)
    for old in others[: -KEPT or None]:
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.stdout.write(f"kernels: {warm_kernels(Home.from_environment())}\n")
