"""What a clone may hold: no address of a package index, no path of one machine, no heavy or secret file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in pieces so that this file does not hold what it looks for.
INDEX_HOSTS = ("pypi" + ".org", "python" + "hosted", "npm" + "js", "files." + "python", "deb." + "debian")
MACHINE_PATH = re.compile("/" + r"(?:home|Users|root|work|farm)/[A-Za-z0-9_.-]+")
KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE " + "KEY-----|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}")
HEAVY_BYTES = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files of the repository; without git, those that .gitignore's folders do not hold."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    ignored = {".venv", "var", ".git", ".setup", "target", "__pycache__"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not ignored & set(p.relative_to(ROOT).parts)]


def lines_with(files: list[Path], pattern: re.Pattern[str]) -> list[str]:
    found = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {m.group(0)}" for m in pattern.finditer(text)]
    return found


def test_no_address_of_a_package_index(tracked: list[Path]) -> None:
    assert lines_with(tracked, re.compile("|".join(map(re.escape, INDEX_HOSTS)))) == []


def test_no_path_of_one_machine(tracked: list[Path]) -> None:
    assert lines_with(tracked, MACHINE_PATH) == []


def test_no_private_key_or_access_token(tracked: list[Path]) -> None:
    assert lines_with(tracked, KEY) == []


def test_no_file_too_heavy_for_a_clone(tracked: list[Path]) -> None:
    assert [str(p.relative_to(ROOT)) for p in tracked if p.stat().st_size > HEAVY_BYTES] == []


def test_every_dependency_of_the_lock_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*", text, re.M)
    assert len(pins) > 100
    assert [pin.split("\n")[0] for pin in pins if "--hash" not in pin] == []


def test_makefile_lists_the_commands_of_the_house() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {f"make {name}" for name in ("setup", "demo", "test", "lint", "contracts", "eod")} <= {
        line[2:].split("  ")[0].strip() for line in listed.splitlines()
    }
