"""Where one installation keeps everything: one folder, and URLs that override parts of it.

Belongs here: paths and URLs read from the environment. Does not: opening any of them.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Home:
    """The places of one installation. All paths are absolute; a URL given in the environment wins over a path."""

    root: Path
    lake_catalog_url: str
    lake_data_url: str
    oltp_url: str
    mlflow_url: str
    mlflow_artifacts: str
    dagster_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Home:
        """LENDHOUSE_HOME (default: var/ in the repository) and the LENDHOUSE_*_URL overrides."""
        env = os.environ if environment is None else environment
        root = Path(env.get("LENDHOUSE_HOME") or REPOSITORY / "var").expanduser().resolve()
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
        """A random secret of this installation, made once and readable by its owner only."""
        path = self.root / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        return path.read_text().strip()
