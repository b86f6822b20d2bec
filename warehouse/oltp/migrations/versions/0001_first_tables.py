"""Applications, loan events, audit, outbox and idempotency keys; facts refuse to be changed.

A revision states its tables in full and does not read the contracts, which go on changing after it.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from warehouse.oltp.types import POSITION, TRANSACTION_NUMBER, CurrentTransaction, Exact, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FACTS = ("applications", "loan_events", "audit", "outbox")
CODE = sa.String(64)


def upgrade() -> None:
    _create_store_identity()
    _create_outbox()
    _create_applications()
    _create_loan_events()
    _create_audit()
    _create_idempotency_keys()
    _refuse_changes()


def _create_store_identity() -> None:
    table = op.create_table(
        "store_identity",
        sa.Column("store_id", CODE, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="pk_store_identity"),
    )
    op.bulk_insert(table, [{"store_id": uuid.uuid4().hex, "created_at": datetime.now(UTC)}])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", POSITION, autoincrement=True),
        sa.Column("table_name", CODE, nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("transaction_number", TRANSACTION_NUMBER, nullable=False, server_default=CurrentTransaction()),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_transaction_number", "outbox", ["transaction_number", "position"])


def _create_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("application_id", CODE, nullable=False),
        sa.Column("customer_id", CODE),
        sa.Column("branch_id", CODE, nullable=False),
        sa.Column("entity_id", CODE, nullable=False),
        sa.Column("product_code", CODE, nullable=False),
        sa.Column("currency", CODE, nullable=False),
        sa.Column("scheme_code", CODE),
        sa.Column("channel_code", CODE, nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date()),
        sa.Column("decision_code", CODE, nullable=False),
        sa.Column("rejection_reason", sa.Text()),
        sa.Column("amount_requested", Exact(18, 2), nullable=False),
        sa.Column("amount_sanctioned", Exact(18, 2)),
        sa.Column("amount_guaranteed", Exact(18, 2)),
        sa.Column("tenure_months", sa.BigInteger()),
        sa.Column("state_code", CODE),
        sa.Column("postal_code", sa.Text()),
        sa.Column("lender_name", sa.Text()),
        sa.Column("naics_code", CODE),
        sa.Column("employees", sa.BigInteger()),
        sa.Column("jobs_created", sa.BigInteger()),
        sa.Column("jobs_retained", sa.BigInteger()),
        sa.Column("is_new_business", sa.Boolean()),
        sa.Column("is_franchise", sa.Boolean()),
        sa.Column("urban_rural_code", CODE),
        sa.Column("is_revolving", sa.Boolean()),
        sa.Column("is_low_doc", sa.Boolean()),
        sa.Column("created_at", Instant(), nullable=False),
        *_outbox_position("applications"),
        sa.PrimaryKeyConstraint("application_id", name="pk_applications"),
    )


def _create_loan_events() -> None:
    op.create_table(
        "loan_events",
        sa.Column("event_id", CODE, nullable=False),
        sa.Column("loan_id", CODE, nullable=False),
        sa.Column("event_type_code", CODE, nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("booked_at", Instant()),
        sa.Column("amount", Exact(18, 2)),
        sa.Column("currency", CODE, nullable=False),
        sa.Column("payment_channel_code", CODE),
        sa.Column("payment_reference", sa.Text()),
        sa.Column("reverses_event_id", CODE),
        *_outbox_position("loan_events"),
        sa.PrimaryKeyConstraint("event_id", name="pk_loan_events"),
    )
    op.create_index("ix_loan_events_loan_id", "loan_events", ["loan_id", "value_on"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", POSITION, autoincrement=True),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("actor", CODE, nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("table_name", CODE, nullable=False),
        sa.Column("row_key", CODE, nullable=False),
        sa.Column("request_id", CODE, nullable=False),
        sa.Column("before_hash", CODE),
        sa.Column("after_hash", CODE, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_row_key", "audit", ["table_name", "row_key"])


def _create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_hash", CODE, nullable=False),
        sa.Column("status_code", sa.Integer()),
        sa.Column("location", sa.String(255)),
        sa.Column("answer", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_idempotency_keys"),
    )


def _outbox_position(table: str) -> tuple[sa.Column, sa.UniqueConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.Column("outbox_position", POSITION, nullable=False),
        sa.UniqueConstraint("outbox_position", name=f"uq_{table}_outbox_position"),
        sa.ForeignKeyConstraint(["outbox_position"], ["outbox.position"], name=f"fk_{table}_outbox_position"),
    )


def _refuse_changes() -> None:
    """A correction is another event: the store refuses to change or remove a fact, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function refuse_change() returns trigger language plpgsql as "
            "$$ begin raise exception '% is append-only', tg_table_name; end $$"
        )
        for table in FACTS:
            op.execute(
                f"create trigger {table}_append_only before update or delete or truncate on {table} "
                "for each statement execute function refuse_change()"
            )
        return
    for table in FACTS:
        for change in ("update", "delete"):
            op.execute(
                f"create trigger {table}_refuses_{change} before {change} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
