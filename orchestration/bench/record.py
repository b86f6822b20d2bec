"""What a benchmark leaves behind: figures, and on what they were measured.

Belongs here: the machine, versions, the JSON record. Does not: any job that is measured.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from warehouse.home import REPOSITORY

PACKAGES = ("duckdb", "polars", "pyarrow", "dbt-core", "dbt-duckdb", "numba")


@dataclass
class Laps:
    """Seconds of each step, one figure a repetition."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def total(self, names: tuple[str, ...]) -> float:
        """Median over the repetitions of the sum of these steps."""
        return statistics.median(map(sum, zip(*(self.seconds[name] for name in names), strict=True)))


def machine() -> dict[str, Any]:
    """Where it was measured. load: of the minute before, so that a busy machine is seen in the record."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """Lendhouse with its commit, and the engines under it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    own = version("lendhouse") + (f"+{commit.stdout.strip()}" if commit.returncode == 0 else "")
    return {"lendhouse": own, **{name: version(name) for name in PACKAGES}}


def write_record(record: dict[str, Any], folder: Path) -> Path:
    """Keep the record; its name says what and when."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['bench']}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
