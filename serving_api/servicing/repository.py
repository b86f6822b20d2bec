"""All SQL of servicing."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from serving_api.published import Snapshot
from serving_api.writes import Write
from warehouse.contracts.servicing import EVENTS, LOAN_LATEST
from warehouse.oltp.outbox import beyond
from warehouse.oltp.tables import LOAN_EVENTS, OUTBOX

LOAN_SQL = (
    f"select {', '.join(field.name for field in LOAN_LATEST.fields)} from {LOAN_LATEST.qualified} where loan_id = ?"
)


def loan(snapshot: Snapshot, loan_id: str) -> dict[str, Any] | None:
    """Terms and figures of one loan in the published snapshot; null when it has none."""
    rows = snapshot.rows(LOAN_SQL.replace(" from ", " from lake.", 1), [loan_id])
    return rows[0] if rows else None


def append_payment(write: Write, row: dict[str, Any]) -> None:
    """Append a payment event, its audit row and its outbox row."""
    write.append("payment.booked", LOAN_EVENTS, EVENTS, row)


def payments_since(session: Session, snapshot: Snapshot, loan_id: str, as_of: date) -> list[dict[str, Any]]:
    """Payments that the snapshot's figures do not count: not in the lake yet, or with a value date after as_of."""
    later = beyond(snapshot.watermark)
    rows = session.execute(
        select(LOAN_EVENTS, (~later).label("is_in_lake"))
        .join(OUTBOX, OUTBOX.c.position == LOAN_EVENTS.c.outbox_position)
        .where(
            LOAN_EVENTS.c.loan_id == loan_id,
            LOAN_EVENTS.c.event_type_code == "payment",
            or_(later, LOAN_EVENTS.c.value_on > as_of),
        )
        .order_by(LOAN_EVENTS.c.value_on, LOAN_EVENTS.c.outbox_position)
    )
    return [dict(row._mapping) for row in rows]
