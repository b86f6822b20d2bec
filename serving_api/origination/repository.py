"""All SQL of origination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving_api.published import Snapshot
from serving_api.writes import Write
from warehouse.contracts.origination import APPLICATIONS as CONTRACT
from warehouse.oltp.tables import APPLICATIONS


def application(session: Session, application_id: str) -> dict[str, Any] | None:
    """One application as stored; null when there is none."""
    row = session.execute(select(APPLICATIONS).where(APPLICATIONS.c.application_id == application_id)).one_or_none()
    return None if row is None else dict(row._mapping)


def append_application(write: Write, row: dict[str, Any]) -> None:
    """Append an application, its audit row and its outbox row."""
    write.append("application.created", APPLICATIONS, CONTRACT, row, created_at=write.at)


@dataclass(frozen=True)
class Reference:
    """What the published lake has under a code. is_kept: whether it has any row of that table at all."""

    is_kept: bool
    is_known: bool
    belongs_to: str | None


def branch(snapshot: Snapshot, branch_id: str) -> Reference:
    """The branch, belonging to its entity."""
    return _reference(snapshot, "branches", "branch_id", branch_id, "entity_id")


def scheme(snapshot: Snapshot, scheme_code: str) -> Reference:
    """The scheme, belonging to its product."""
    return _reference(snapshot, "schemes", "scheme_code", scheme_code, "product_code")


def _reference(snapshot: Snapshot, table: str, key: str, value: str, owner: str) -> Reference:
    # Masters are kept in versions: the latest one counts.
    sql = (
        f"select count(*) > 0 as is_kept, coalesce(bool_or({key} = $value), false) as is_known, "
        f"arg_max({owner}, (received_at, batch_id, row_number)) filter ({key} = $value) as belongs_to "
        f"from lake.bronze.{table}"
    )
    [row] = snapshot.rows(sql, {"value": value})
    return Reference(**row)


def is_known_customer(snapshot: Snapshot, customer_id: str) -> bool:
    """Whether the published lake has the customer."""
    sql = "select 1 from lake.bronze.customers where customer_id = ? limit 1"
    return bool(snapshot.rows(sql, [customer_id]))
