"""Running dbt: its settings for whoever starts it, and dbt in this process for whoever has no Dagster.

Belongs here: starting dbt. Does not: what it builds (models/), or holding the lake's lock (warehouse/dbt_plugin.py
takes it inside dbt).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from warehouse.home import INSTALLATION, QUIET, REPOSITORY, Home

PROJECT = REPOSITORY / "transforms"
# Failures come back as rows; writing each event of dbt to a log costs as much as the small models themselves.
SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none")
PARSED = INSTALLATION / "dbt"  # one parsed project for all homes of a venv: nothing in it depends on a home


class DbtFailed(RuntimeError):
    """dbt ended with a failed model or test; the message names them."""


def dbt_environment(home: Home) -> dict[str, str]:
    """The variables a dbt process needs to build the lake of this home, beside the caller's own environment."""
    return {
        **QUIET,
        "LENDHOUSE_HOME": str(home.root),
        "LENDHOUSE_LAKE_CATALOG_URL": home.lake_catalog_url,
        "LENDHOUSE_LAKE_DATA_URL": home.lake_data_url,
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home.dbt_target),
        "DBT_LOG_PATH": str(home.dbt_target / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
    }


def parse() -> Path:
    """Parse the project once per installation; the path of manifest.json. Unchanged files are not parsed again."""
    PARSED.mkdir(parents=True, exist_ok=True)
    _invoke(["parse"], PARSED)
    return PARSED / "manifest.json"


def manifest(home: Home) -> Path:
    """The manifest for this home, parsed when absent or older than the project; dbt then parses only the changes."""
    target, parsed = home.dbt_target / "manifest.json", PARSED / "manifest.json"
    if not parsed.exists() or parsed.stat().st_mtime < _newest_source():
        parse()
    if not target.exists() or target.stat().st_mtime < parsed.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        for name in ("partial_parse.msgpack", "manifest.json"):
            shutil.copy2(PARSED / name, target.parent / name)
    return target


def _newest_source() -> float:
    """When a file of the project changed last, as seconds since 1970."""
    suffixes = {".sql", ".yml", ".csv", ".py"}
    folders = ("models", "macros", "tests", "seeds")
    files = [path for folder in folders for path in (PROJECT / folder).rglob("*") if path.suffix in suffixes]
    return max(path.stat().st_mtime for path in [*files, PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"])


def run_dbt(home: Home, arguments: Sequence[str] = ("build",)) -> list[dict[str, Any]]:
    """Run one dbt command on the home's lake in this process.

    One row comes back per model and test: name, status, seconds, message.
    Raises DbtFailed naming what failed. The lake's lock is taken by dbt itself and let go here.
    """
    from warehouse import dbt_plugin

    manifest(home)
    dbt_plugin.use_home(home)
    try:
        return _results(_invoke(list(arguments), home.dbt_target))
    finally:
        _forget_connection()
        dbt_plugin.release()
        dbt_plugin.use_home(None)


def _invoke(arguments: list[str], target: Path) -> Any:
    from dbt.cli.main import dbtRunner

    places = {"project": PROJECT, "profiles": PROJECT}
    options = [word for name, path in places.items() for word in (f"--{name}-dir", str(path))]
    outputs = ["--target-path", str(target), "--log-path", str(target / "logs"), *SILENT]
    result = dbtRunner().invoke([*arguments, *options, *outputs])
    if result.exception is not None:
        raise DbtFailed(f"dbt {' '.join(arguments)}: {result.exception}") from result.exception
    return result


def _results(result: Any) -> list[dict[str, Any]]:
    rows = [
        {
            "name": one.node.name,
            "status": str(one.status),
            "seconds": one.execution_time,
            "message": one.message,
        }
        for one in getattr(result.result, "results", [])
    ]
    if not result.success:
        failed = [
            f"{row['name']}: {row['message']}" for row in rows if row["status"] in ("error", "fail", "runtime error")
        ]
        raise DbtFailed("; ".join(failed) or "dbt failed; see its log")
    return rows


def _forget_connection() -> None:
    """Close the connection that dbt keeps for the next command, and with it the lake."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    DuckDBConnectionManager.close_all_connections()
    if environment is not None:
        environment.close()


def main(arguments: Sequence[str]) -> int:
    """`python -m transforms.runner parse` at set-up; any other dbt command runs on the home of the environment."""
    if list(arguments) == ["parse"]:
        parse()
        return 0
    try:
        rows = run_dbt(Home.from_environment(), arguments or ("build",))
    except DbtFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    for row in rows:
        sys.stdout.write(f"{row['status']:<8} {row['seconds']:7.2f} s  {row['name']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
