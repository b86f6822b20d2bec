"""Where one installation keeps everything: one folder, and URLs that override parts of it.

Belongs here: paths and URLs read from the environment. Does not: opening any of them.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# What belongs to the installed programs rather than to one lake lives beside them.
INSTALLATION = Path(os.environ.get("LENDHOUSE_INSTALLATION") or Path(sys.prefix) / "lendhouse")

# Every tool in the house is told to stay silent on the network; importing this module is enough.
QUIET = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}
for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)


class EmptySecret(RuntimeError):
    """A secret's file is there and holds nothing."""


class BadHome(ValueError):
    """LENDHOUSE_HOME names what can be no folder."""


@dataclass(frozen=True)
class Home:
    """The places of one installation. All paths are absolute; a URL given in the environment wins over a path.

    URLs may hold passwords, so they are left out of what is printed of a home.
    """

    root: Path
    lake_catalog_url: str = field(repr=False)
    lake_data_url: str = field(repr=False)
    oltp_url: str = field(repr=False)
    mlflow_url: str = field(repr=False)
    mlflow_artifacts: str = field(repr=False)
    dagster_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Home:
        """LENDHOUSE_HOME (default: var/ in the repository) and the LENDHOUSE_*_URL overrides. Raises BadHome."""
        env = os.environ if environment is None else environment
        root = Path(env.get("LENDHOUSE_HOME") or REPOSITORY / "var").expanduser().resolve()
        _refuse_file(root)
        return cls(
            root=root,
            lake_catalog_url=env.get("LENDHOUSE_LAKE_CATALOG_URL") or f"sqlite:///{root / 'lake' / 'catalog.sqlite'}",
            lake_data_url=env.get("LENDHOUSE_LAKE_DATA_URL") or str(root / "lake" / "data"),
            oltp_url=env.get("LENDHOUSE_OLTP_URL") or f"sqlite:///{root / 'oltp' / 'lendhouse.sqlite'}",
            mlflow_url=env.get("LENDHOUSE_MLFLOW_URL") or f"sqlite:///{root / 'mlflow' / 'mlflow.sqlite'}",
            mlflow_artifacts=env.get("LENDHOUSE_MLFLOW_ARTIFACTS") or str(root / "mlflow" / "artifacts"),
            dagster_url=env.get("LENDHOUSE_DAGSTER_URL"),
        )

    @property
    def landing(self) -> Path:
        """Folder that files are dropped into: landing/<source>/…"""
        return self.root / "landing"

    @property
    def landed(self) -> Path:
        """Files whose batch is committed move here."""
        return self.root / "landed"

    @property
    def rejected(self) -> Path:
        """Files that cannot be read at all move here, beside a message."""
        return self.root / "rejected"

    @property
    def extensions(self) -> Path:
        """Private folder of DuckDB extensions, filled from the installed wheels; one for all homes of a venv."""
        return INSTALLATION / "duckdb_extensions"

    @property
    def data_docs(self) -> Path:
        return self.root / "data_docs"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def lake_lock(self) -> Path:
        return self.root / "lake.lock"

    @property
    def kernel_cache(self) -> Path:
        """Compiled kernels; one for all homes of a venv."""
        return INSTALLATION / "kernel_cache"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit into memory."""
        return self.root / "spill"

    @property
    def dbt_target(self) -> Path:
        return self.root / "dbt_target"

    def secret(self, name: str) -> str:
        """A random secret of this installation, made once and readable by its owner only; never empty.

        Raises EmptySecret when its file holds nothing.
        """
        path = self.root / "secrets" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create_whole(path, secrets.token_urlsafe(32))
        secret = path.read_text().strip()
        if not secret:
            raise EmptySecret(
                f"the secret file {path} is empty, and nothing is signed or masked with an empty secret; "
                "put it back from a backup, or delete it to have a new one made"
            )
        return secret


def _refuse_file(root: Path) -> None:
    with suppress(PermissionError):
        place = next(path for path in (root, *root.parents) if path.exists())
        if not place.is_dir():
            raise BadHome(f"LENDHOUSE_HOME: {place} is a file; name a folder, which is made if it is not there")


def _create_whole(path: Path, text: str) -> None:
    """The file with its text, in one step that a kill cannot halve; a file that is there already stays as it is."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
