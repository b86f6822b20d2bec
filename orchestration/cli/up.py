"""`lendhouse up`: serve everything with a screen until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from orchestration.cli.output import json_option, print_json, print_table, refuse, say

SHOWS = {
    "api": "the HTTP API; its pages are at /docs",
    "dashboards": "portfolio and data quality",
    "dagster": "the asset graph, runs, checks, schedules and sensors",
    "mlflow": "model runs and the registry",
}


@click.command("up", epilog="Example: lendhouse up --api-port 8080")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; others than loopback are reachable from outside.",
)
@click.option("--api-port", type=click.IntRange(1, 65_535), help="Default 8000, or the next free one.")
@click.option("--dashboards-port", type=click.IntRange(1, 65_535), help="Default 8501, or the next free one.")
@click.option("--dagster-port", type=click.IntRange(1, 65_535), help="Default 3000, or the next free one.")
@click.option("--mlflow-port", type=click.IntRange(1, 65_535), help="Default 5000, or the next free one.")
@click.option("--show-token", is_flag=True, help="Print the API token itself, not only where it lies.")
@json_option
def command(host: str, show_token: bool, as_json: bool, **asked: int | None) -> None:
    """Serve API, dashboards, Dagster and MLflow on this machine; Ctrl-C stops them all.

    A port that is asked for and taken is refused; a default port that is taken gives way to the next free one.
    """
    from orchestration.services import ServiceFailed
    from orchestration.up import Addresses, serve
    from warehouse.home import Home

    home = Home.from_environment()
    where = Addresses(host, _ports(host, {name.removesuffix("_port"): port for name, port in asked.items()}))
    token = home.secret("api_token")

    def ready(logs: Path) -> None:
        rows = {"token_file": str(home.root / "secrets" / "api_token"), **({"token": token} if show_token else {})}
        if as_json:
            print_json({**where.urls(), **rows, "logs": str(logs)})
        else:
            print_table(["", "open", "shows"], [[name, url, SHOWS[name]] for name, url in where.urls().items()])
            say(f"API token: {rows['token_file']}" + (f"\n           {token}" if show_token else ""))
            say(f"Logs: {logs}\nCtrl-C stops everything.")
        sys.stdout.flush()

    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        serve(home, where, told=lambda name: say(f"{name} answers"), ready=ready)
    except KeyboardInterrupt:
        say("all stopped")
    except ServiceFailed as failure:
        raise click.ClickException(f"{failure}\nEverything has been stopped.") from None


def _ports(host: str, asked: dict[str, int | None]) -> dict[str, int]:
    """A port for each program; refuses one that was asked for and is taken."""
    from orchestration.services import free_port, is_free
    from orchestration.up import PORTS

    ports: dict[str, int] = {}
    for name, usual in PORTS.items():
        wanted = asked.get(name)
        if wanted is not None and (wanted in ports.values() or not is_free(host, wanted)):
            refuse(f"--{name}-port {wanted} is taken on {host}; name another one, or none to get the next free one")
        ports[name] = wanted or free_port(host, usual, list(ports.values()))
        if wanted is None and ports[name] != usual:
            say(f"port {usual} is taken: {name} gets {ports[name]}")
    return ports


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
