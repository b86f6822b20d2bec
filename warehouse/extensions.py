"""DuckDB's extensions, copied from the installed wheels into a private folder: nothing is downloaded.

Belongs here: which there are, where they come from, when their signature is checked. Does not: who needs which
(lake.py).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from warehouse.catalog import quoted

EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner")
# Settings of a connection that checks the signature of what it loads, and of one that does not until `load` is done.
CHECKING = {"allow_unsigned_extensions": "false"}
TRUSTING = {"allow_unsigned_extensions": "true"}


def install(folder: Path, config: Mapping[str, str]) -> list[str]:
    """Fill the folder that DuckDB loads extensions from; the names newly installed. DuckDB checks their signatures."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={**config, **CHECKING})
    try:
        known = dict(connection.execute("select extension_name, installed from duckdb_extensions()").fetchall())
        missing = [name for name in EXTENSIONS if not known.get(name)]
        for name in missing:
            connection.execute(f"INSTALL '{quoted(str(wheel_extension(name)))}'")
    finally:
        connection.close()
    return missing


def check(config: Mapping[str, str]) -> None:
    """Raise duckdb.Error unless every extension is there, loads and bears the signature of DuckDB's makers."""
    connection = duckdb.connect(config={**config, **CHECKING})
    try:
        for name in EXTENSIONS:
            connection.execute(f"LOAD {name}")
    finally:
        connection.close()


def load(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Load extensions that were checked when they were installed; what anyone loads later has to bear a signature.

    To check it DuckDB hashes the whole file: 0.2 s of processor time an extension and connection, which every command
    and every request that renews its snapshot paid.
    """
    for name in names:
        connection.execute(f"LOAD {name}")
    connection.execute("SET allow_unsigned_extensions = false")


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
