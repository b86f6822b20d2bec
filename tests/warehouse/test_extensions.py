"""Extensions are checked when they are installed, so that a connection need not; nothing unsigned comes in later."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse import extensions
from warehouse.home import Home
from warehouse.lake import Lake


@pytest.fixture
def tampered(tmp_path: Path) -> Path:
    """An extension with one byte changed, in the name and the layout that DuckDB expects."""
    file = tmp_path / "postgres_scanner.duckdb_extension"
    content = bytearray(extensions.wheel_extension("postgres_scanner").read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return file


def test_a_connection_of_the_lake_loads_nothing_unsigned(home: Home, tampered: Path) -> None:
    connection = Lake(home).connect()
    with pytest.raises(duckdb.Error, match="signature"):
        connection.execute(f"LOAD '{tampered}'")
    with pytest.raises(duckdb.Error, match="Cannot change allow_unsigned_extensions"):
        connection.execute("SET allow_unsigned_extensions = true")


def test_a_changed_extension_is_not_installed(home: Home, tampered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Lake(home).duckdb_config() | {"extension_directory": str(tampered.parent / "private")}
    monkeypatch.setattr(extensions, "wheel_extension", lambda name: tampered)
    with pytest.raises(duckdb.Error, match="signature"):
        extensions.install(tampered.parent / "private", config)


def test_an_extension_changed_after_installation_is_found(home: Home, tampered: Path) -> None:
    private = tampered.parent / "private"
    config = Lake(home).duckdb_config() | {"extension_directory": str(private)}
    extensions.install(private, config)
    extensions.check(config)
    [installed] = private.rglob("postgres_scanner.duckdb_extension")
    tampered.replace(installed)  # the file of before is mapped into this process, so it is not written over
    with pytest.raises(duckdb.Error, match="signature"):
        extensions.check(config)
