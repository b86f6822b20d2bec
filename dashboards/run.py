"""How the dashboards are started: `python -m dashboards.run [port [host]]`, by hand or by `lendhouse up`.

Belongs here: the command line and the environment of the server, once. Does not: settings of the screen
(.streamlit/config.toml, which Streamlit finds beside app.py).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from warehouse.home import QUIET, REPOSITORY, Home

HOST, PORT = "127.0.0.1", 8501


def command(port: int = PORT, host: str = HOST) -> list[str]:
    """The server's command line; whose lake is shown, `environment` says. host: the address to listen on."""
    app = Path(__file__).with_name("app.py")
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    return [sys.executable, "-m", "streamlit", "run", str(app), *(f"--{name}={it}" for name, it in options.items())]


def environment(home: Home) -> dict[str, str]:
    """What the server's process gets: this process's environment, silenced, and the home whose lake is shown."""
    return {
        **os.environ,
        **QUIET,
        "PYTHONPATH": str(REPOSITORY),
        "LENDHOUSE_HOME": str(home.root),
        "LENDHOUSE_LAKE_CATALOG_URL": home.lake_catalog_url,
        "LENDHOUSE_LAKE_DATA_URL": home.lake_data_url,
    }


if __name__ == "__main__":
    _port, _host = (*sys.argv[1:3], *(str(PORT), HOST)[len(sys.argv[1:3]) :])
    _command = command(int(_port), _host)
    os.execve(_command[0], _command, environment(Home.from_environment()))
