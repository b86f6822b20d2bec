"""Who may import whom, and what the pure parts may touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "warehouse": set(),
    "transforms": {"warehouse"},
    "ingestion": {"transforms", "warehouse"},
    "models_ml": {"transforms", "warehouse"},
    "serving_api": {"models_ml", "transforms", "warehouse"},
    "dashboards": {"warehouse"},
    "orchestration": {"serving_api", "ingestion", "models_ml", "transforms", "warehouse"},
}
# Pure: values in, values out. The standard library's value modules, the column libraries, and each other.
VALUE_MODULES = {
    *("__future__", "abc", "bisect", "calendar", "collections", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "heapq", "itertools", "math", "operator", "re", "string", "types", "typing"),
    *("numba", "numpy", "polars", "pyarrow"),
}
PURE_MAY_IMPORT_OF_OURS = ("transforms.kernels", "warehouse.contracts")
FORBIDDEN_CALLS = {"today", "now", "utcnow", "open", "connect", "getenv", "getLogger", "print", "input"}


def python_files(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if "__pycache__" not in p.parts and "target" not in p.parts)


def pure_files() -> list[Path]:
    return [
        *python_files("transforms/kernels"),
        *python_files("transforms/models"),
        *python_files("warehouse/contracts"),
    ]


def imports(file: Path) -> Iterator[str]:
    """The modules a file imports, dotted; relative ones made absolute."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_lies_below_it(folder: str) -> None:
    ours = set(MAY_IMPORT) - {folder} - MAY_IMPORT[folder] | {"tests"}
    wrong = {
        (named(file), module)
        for file in python_files(folder)
        for module in imports(file)
        if module.split(".")[0] in ours
    }
    assert not wrong


def test_every_folder_with_code_has_its_rule() -> None:
    tracked = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests"}
    assert tracked == set(MAY_IMPORT)


def test_routers_of_two_domains_do_not_know_each_other() -> None:
    domains = {p.parent.name for p in (ROOT / "serving_api").glob("*/router.py")}
    wrong = {
        (named(file), module)
        for domain in domains
        for file in python_files(f"serving_api/{domain}")
        for module in imports(file)
        for other in domains - {domain}
        if module.startswith(f"serving_api.{other}.router")
    }
    assert not wrong


def test_pure_files_import_only_value_modules_and_each_other() -> None:
    wrong = {
        (named(file), module)
        for file in pure_files()
        for module in imports(file)
        if module.split(".")[0] not in VALUE_MODULES and not module.startswith(PURE_MAY_IMPORT_OF_OURS)
    }
    assert not wrong


def test_pure_files_touch_no_clock_file_or_network() -> None:
    wrong = {(named(file), call) for file in pure_files() for call in calls(file) if call in FORBIDDEN_CALLS}
    assert not wrong


def test_settings_are_read_from_the_environment_in_one_place() -> None:
    """Handing the environment on to a child process, or setting a variable for it, is no reading."""
    allowed = {"warehouse/home.py", "orchestration/definitions.py"}
    wrong = {named(file) for folder in MAY_IMPORT for file in python_files(folder) if reads_environment(file)}
    assert wrong <= allowed


def reads_environment(file: Path) -> bool:
    def is_environ(node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "environ"

    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Subscript) and is_environ(node.value) and isinstance(node.ctx, ast.Load):
            return True
        called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if called and (called.attr == "getenv" or (called.attr == "get" and is_environ(called.value))):
            return True
    return False
