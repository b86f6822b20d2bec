"""`lendhouse doctor`: check the installation and say how to mend it."""

from __future__ import annotations

from dataclasses import asdict

import click

from orchestration.cli.output import json_option, print_json, print_table


@click.command("doctor", epilog="Example: lendhouse doctor --json")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check the installation: versions, extensions, write access, ports, catalogs and their schema versions.

    Changes nothing. Exit status 1 when something needs mending; each finding then says how.
    """
    from orchestration.checkup import checkup
    from warehouse.home import Home

    findings = checkup(Home.from_environment())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [[f.name, "ok" if f.is_fine else "MEND", f.found, f.mend] for f in findings]
        print_table(["", "", "found", "what to do"], rows)
    ctx.exit(0 if all(finding.is_fine for finding in findings) else 1)
