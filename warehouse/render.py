"""Everything that is written from the contracts: `make contracts` writes it, a test holds that it is written.

Belongs here: the dictionary, the glossary, and the list of who renders what. Does not: dbt's files (render_dbt.py), the
suites of Great Expectations (expectations.py).
"""

from __future__ import annotations

import sys
from pathlib import Path

from warehouse import expectations, render_dbt
from warehouse.contracts import registry
from warehouse.contracts.glossary import TERMS
from warehouse.contracts.table import Field, Layer, Table
from warehouse.home import REPOSITORY

CONTRACTS = REPOSITORY / "warehouse" / "contracts"
EDIT = "Written by `make contracts` from the Python files beside it; edit those."
LAYERS = {
    Layer.GOLD: "Gold: made to be read. An interface; read at the latest published closing.",
    Layer.SILVER: "Silver: conformed, one row a business fact.",
    Layer.BRONZE: "Bronze: as received, only ever added to; identifiers as tokens.",
}


def rendered() -> dict[Path, str]:
    """Every rendered file and what it should hold."""
    own = {CONTRACTS / "DICTIONARY.md": dictionary(), CONTRACTS / "GLOSSARY.md": glossary()}
    return {**own, **render_dbt.rendered(), **expectations.rendered()}


def stale() -> list[Path]:
    """Files that look rendered and belong to no table any more."""
    wanted = rendered()
    folders = {path.parent for path in wanted} - {CONTRACTS}
    found = [path for folder in folders for pattern in ("_*.yml", "*.json") for path in folder.glob(pattern)]
    return sorted(path for path in found if path not in wanted)


def dictionary() -> str:
    """Every table and column of the lake, gold first."""
    parts = ["# Dictionary of the lake", EDIT]
    parts.append(
        "Money is `decimal(18,2)` in the row's `currency`; `_rate` and shares are fractions; `_on` is a calendar date, "
        "`_at` an instant in UTC. **Bold** columns are the grain: no two rows share them."
    )
    for layer, meaning in LAYERS.items():
        tables = sorted(registry.tables(layer), key=lambda table: (table.domain, table.name))
        parts.append(f"## {meaning}")
        parts += [_table(table) for table in tables]
    return "\n\n".join(parts) + "\n"


def glossary() -> str:
    """The words, in the order of the alphabet."""
    rows = [
        f"| {term.word} | {term.meaning}" + (f" ({term.source})" if term.source else "") + " |"
        for term in sorted(TERMS, key=lambda term: term.word.lower())
    ]
    return "\n".join(["# Glossary", "", EDIT, "", "| word | meaning |", "| --- | --- |", *rows]) + "\n"


def _table(table: Table) -> str:
    lines = [f"### {table.qualified}", "", f"{table.meaning} Domain: {table.domain}.", ""]
    lines += ["| column | type | meaning |", "| --- | --- | --- |"]
    lines += [_row(field, table) for field in table.stored_fields()]
    return "\n".join(lines)


def _row(field: Field, table: Table) -> str:
    name = f"**{field.name}**" if field.name in table.grain else field.name
    codes = f"; one of {', '.join(f'`{code}`' for code in field.codes)}" if field.codes else ""
    return f"| {name} | {field.type.sql} | {(field.meaning + codes).replace('|', chr(92) + '|')} |"


def main() -> int:
    """Write what differs and remove what is left over; says what it did."""
    wanted = rendered()
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    left = stale()
    for path in left:
        path.unlink()
    for verb, paths in (("wrote", changed), ("removed", left)):
        sys.stdout.writelines(f"{verb} {path.relative_to(REPOSITORY)}\n" for path in paths)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
