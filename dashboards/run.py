"""How the dashboards are started on their own: `python -m dashboards.run [port]`.

Belongs here: the command line and the environment of the server. Does not: settings of the screen
(.streamlit/config.toml, which Streamlit finds beside app.py).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from warehouse.home import QUIET, REPOSITORY, Home

HOST, PORT = "127.0.0.1", 8501


def command(home: Home, port: int = PORT) -> list[str]:
    """The server's command line; loopback only. home: whose lake is shown (handed over by `environment`)."""
    app = Path(__file__).with_name("app.py")
    options = {
        "server.address": HOST,
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
    _home = Home.from_environment()
    _command = command(_home, int(sys.argv[1]) if len(sys.argv) > 1 else PORT)
    os.execve(_command[0], _command, environment(_home))
