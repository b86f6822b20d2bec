"""DuckDB's extensions, copied from the installed wheels into a private folder: nothing is downloaded.

Belongs here: which there are and where they come from. Does not: loading them (lake.py).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.catalog import quoted

EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner")


def install(folder: Path, config: Mapping[str, str]) -> list[str]:
    """Fill the folder that DuckDB loads extensions from; the names newly installed."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config=dict(config))
    try:
        known = dict(connection.execute("select extension_name, installed from duckdb_extensions()").fetchall())
        missing = [name for name in EXTENSIONS if not known.get(name)]
        for name in missing:
            connection.execute(f"INSTALL '{quoted(str(wheel_extension(name)))}'")
    finally:
        connection.close()
    return missing


def wheel_extension(name: str) -> Path:
    """The extension file inside its installed wheel, for the DuckDB that is installed."""
    package = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"package {package} is not installed; run `make setup`")
    folder = Path(next(iter(spec.submodule_search_locations))) / "extensions" / f"v{duckdb.__version__}"
    file = folder / f"{name}.duckdb_extension"
    if not file.exists():
        raise FileNotFoundError(f"{package} has no build for DuckDB {duckdb.__version__}; run `make setup`")
    return file
