"""What is imported is asked for by name, and what is asked for is locked."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.test_imports import MAY_IMPORT, ROOT, imports, named, python_files

OURS = set(MAY_IMPORT) | {"tests"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for() -> set[str]:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    return {canonical(found.group(0)) for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))}


def test_every_package_we_import_is_asked_for_by_name() -> None:
    """A package that only comes along with another may be gone after the next lock."""
    distributions, wanted = packages_distributions(), asked_for()
    missing: dict[str, str] = {}
    for folder in OURS:
        for file in python_files(folder):
            for top in {module.split(".")[0] for module in imports(file)} - OURS - sys.stdlib_module_names:
                if not wanted & {canonical(name) for name in distributions.get(top, [top])}:
                    missing[top] = named(file)
    assert missing == {}


def test_every_package_asked_for_is_locked() -> None:
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", Path(ROOT / "requirements.lock").read_text(), re.M)
    assert asked_for() - {canonical(pin) for pin in pins} == set()


def test_dbt_stays_below_the_version_that_downloads_its_parser() -> None:
    pinned = re.search(r"^dbt-core==(\d+)\.(\d+)", (ROOT / "requirements.lock").read_text(), re.M)
    assert pinned is not None
    assert (int(pinned[1]), int(pinned[2])) < (1, 12)
