"""All SQL of origination."""

from __future__ import annotations

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


def is_known_customer(snapshot: Snapshot, customer_id: str) -> bool:
    """Whether the published lake has the customer."""
    sql = "select 1 from lake.bronze.customers where customer_id = ? limit 1"
    return bool(snapshot.rows(sql, [customer_id]))
