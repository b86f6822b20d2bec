"""Compiled kernels follow their sources, whichever file was edited."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.kernel_cache import KERNELS, kernel_cache
from warehouse.home import REPOSITORY, Home

# What a loan has earned, read out by the smallest entry of the loan engine: 10.005 of interest to the paisa.
ASKED = """
from datetime import date
from decimal import Decimal
from transforms.kernels.columns import book_of
from transforms.kernels.dues import accrued
from transforms.kernels.loan import Loan, Terms
from transforms.kernels.state import HERE, workspace
book = book_of([(Loan("L1", "INR", Terms(Decimal(1000), date(2025, 1, 15), Decimal("0.12"), 12)), ())])
room = workspace()
loan = room[0].loans[HERE]
loan.earned, loan.earned_rest, loan.earned_of = 1000, 500_000, 1
print(accrued(loan, book.terms[0], room[0]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources that a kernel needs, to be edited."""
    ignored = shutil.ignore_patterns("__pycache__", "models", "target")
    for folder in ("transforms", "warehouse"):
        shutil.copytree(REPOSITORY / folder, tmp_path / "house" / folder, ignore=ignored)
    return tmp_path / "house"


def answer(copy: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(copy), "LENDHOUSE_INSTALLATION": str(copy / "installed")}
    return subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, cwd=copy, text=True, capture_output=True, check=True
    ).stdout.strip()


def test_an_edited_helper_in_another_file_gives_the_new_figure(copy: Path) -> None:
    assert answer(copy) == "1001"
    helper = copy / "transforms" / "kernels" / "interest.py"
    source = helper.read_text()
    assert "steps += half >= 0" in source
    helper.write_text(source.replace("steps += half >= 0", "steps += half > 0"))
    assert answer(copy) == "1000"
    assert len(list((copy / "installed" / "kernel_cache").iterdir())) == 2


def test_the_folder_is_named_by_every_source(tmp_path: Path, home: Home) -> None:
    shutil.copytree(KERNELS, tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    same = kernel_cache(home, tmp_path / "kernels")
    assert same == kernel_cache(home)
    (tmp_path / "kernels" / "due_dates.py").write_text("# edited\n")
    assert kernel_cache(home, tmp_path / "kernels") != same


def test_kernels_compile_into_that_folder(home: Home) -> None:
    import numba

    assert Path(numba.config.CACHE_DIR) == kernel_cache(home)
