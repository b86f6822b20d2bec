"""`lendhouse doctor`: check the installation and say how to mend it."""

from __future__ import annotations

import click

from orchestration.cli.output import json_option


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check the installation: versions, extensions, write access, ports, schema versions."""
