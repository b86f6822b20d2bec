"""Everything with a screen, on one machine: API, dashboards, Dagster (web and daemon), MLflow.

Belongs here: which programs and how they are called. Does not: processes as such (services.py), the command line.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.services import Family, Service, ServiceFailed
from warehouse.home import Home

LOOPBACK = "127.0.0.1"
START_SECONDS = 120.0
PORTS = {"api": 8000, "dashboards": 8501, "dagster": 3000, "mlflow": 5000}


@dataclass(frozen=True)
class Addresses:
    """Where the four are served. host: the address they listen on; ports: by the names of PORTS."""

    host: str
    ports: dict[str, int]

    def url(self, name: str) -> str:
        host = LOOPBACK if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.ports[name]}"

    def urls(self) -> dict[str, str]:
        return {name: self.url(name) for name in PORTS}


def code_server(home: Home, socket: Path) -> Service:
    """The process that holds the asset graph and starts runs; one for web and daemon, so it is imported once."""
    words = ["dagster", "code-server", "start", "-m", "orchestration.definitions", "--socket", str(socket)]
    flags = ["--location-name", "lendhouse", "--use-python-environment-entry-point"]
    return _service(home, "code", ["-m", *words, *flags])


def services(home: Home, where: Addresses, workspace: Path) -> list[Service]:
    """The programs that people and machines talk to, and the daemon that runs schedules and sensors."""
    host, ports = where.host, {name: str(port) for name, port in where.ports.items()}
    # By environment, for a command line shows in the list of processes and these may hold a password.
    mlflow = {"MLFLOW_BACKEND_STORE_URI": home.mlflow_url, "MLFLOW_ARTIFACTS_DESTINATION": home.mlflow_artifacts}
    return [
        _service(
            home,
            "api",
            ["-m", "uvicorn", "serving_api.app:create_app", "--factory", "--host", host, "--port", ports["api"]],
            f"{where.url('api')}/health",
        ),
        _service(
            home,
            "dashboards",
            ["-m", "dashboards.run", ports["dashboards"], host],
            f"{where.url('dashboards')}/_stcore/health",
        ),
        _service(
            home,
            "dagster",
            ["-m", "dagster_webserver", "-w", str(workspace), "-h", host, "-p", ports["dagster"]],
            f"{where.url('dagster')}/server_info",
        ),
        _service(home, "daemon", ["-m", "dagster._daemon", "run", "-w", str(workspace)]),
        _service(
            home,
            "mlflow",
            ["-m", "mlflow", "server", "--host", host, "--port", ports["mlflow"], "--workers", "1"],
            f"{where.url('mlflow')}/health",
            mlflow,
        ),
    ]


def serve(home: Home, where: Addresses, told: Callable[[str], None], ready: Callable[[Path], None]) -> None:
    """Start all, call ready with the folder of logs once each answers, and watch them until interrupted.

    Raises ServiceFailed when one ends by itself or another `up` serves this home; whatever happens, all are stopped.
    """
    from orchestration.instance import open_instance

    with only_one(home), tempfile.TemporaryDirectory(prefix="lendhouse-") as private:
        open_instance(home).dispose()
        places_of_mlflow(home)
        socket, workspace = Path(private) / "code.sock", Path(private) / "workspace.yaml"
        known = {"socket": str(socket), "host": "localhost", "location_name": "lendhouse"}
        workspace.write_text(json.dumps({"load_from": [{"grpc_server": known}]}))
        family = Family()
        try:
            family.start(code_server(home, socket))
            for service in services(home, where, workspace):
                family.start(service)
            family.wait_until_up(START_SECONDS, told)
            ready(home.root / "logs")
            watch(family)
        finally:
            family.stop()


def watch(family: Family) -> None:
    """Return never; raises ServiceFailed when a program ends, KeyboardInterrupt when we are asked to stop."""
    import time

    while True:
        family.check()
        time.sleep(0.5)


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Refuse to serve a home twice: two daemons would start every scheduled run twice."""
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ServiceFailed(
                f"`lendhouse up` already serves {home.root} (process {file.read().strip() or 'unknown'}); stop it first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def places_of_mlflow(home: Home) -> None:
    """MLflow does not make the folder of its SQLite file."""
    if home.mlflow_url.startswith("sqlite:///"):
        Path(home.mlflow_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


def _service(
    home: Home, name: str, words: list[str], answers: str | None = None, own: Mapping[str, str] | None = None
) -> Service:
    """One program of a home. own: what only this one is told by its environment."""
    environment = {"LENDHOUSE_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster), **(own or {})}
    return Service(name, [sys.executable, *words], home.root / "logs" / f"{name}.log", answers, environment)
