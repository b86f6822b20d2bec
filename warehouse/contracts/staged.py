"""Staging tables, derived from the bronze tables they show.

Belongs here: which columns and names a staging view keeps. Does not: any table of its own.
"""

from warehouse.contracts.fields import BATCH_ID, RECEIVED_AT, SOURCE
from warehouse.contracts.table import Layer, Table


def staged(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    """One staging table for each bronze table: its stored columns, where each row came from, and when."""
    return tuple(_staged(table) for table in tables)


def _staged(table: Table) -> Table:
    stored = tuple(kept for field in table.fields for kept in field.stored())
    personal = frozenset(kept.name for field in table.fields if field.personal for kept in field.stored())
    known = frozenset(field.name for field in stored)
    return Table(
        f"stg_{table.domain}__{table.name}",
        table.domain,
        Layer.SILVER,
        table.meaning,
        grain=table.grain,
        fields=(*stored, SOURCE, BATCH_ID, RECEIVED_AT),
        optional=(table.optional & known) | personal,
        references={column: _staged_name(target) for column, target in table.references.items()},
    )


def _staged_name(target: str) -> str:
    name, column = target.split(".")
    domain = "origination" if name in {"branches", "schemes", "customers", "applications"} else "servicing"
    return f"stg_{domain}__{name}.{column}"
