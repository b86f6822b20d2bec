"""The tables of the transactional store. Columns that a contract declares are taken from it, never typed again.

Facts (applications, loan_events, audit, outbox) are appended and never changed; the store itself refuses an update or a
delete of one (migrations/versions). idempotency_keys remembers answers, it holds no fact.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.contracts.origination import APPLICATIONS as APPLICATIONS_CONTRACT
from warehouse.contracts.servicing import EVENTS as EVENTS_CONTRACT
from warehouse.contracts.table import Table
from warehouse.oltp.types import POSITION, TRANSACTION_NUMBER, CurrentTransaction, Instant, stored

# Names are fixed so that a migration can name a constraint on either store.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
PAYLOAD = JSON().with_variant(JSONB(), "postgresql")
FACTS = ("applications", "loan_events", "audit", "outbox")


def contract_columns(table: Table) -> list[Column]:
    """The columns of a contract: its grain is the primary key, its optional columns may be null."""
    return [
        Column(
            field.name,
            stored(field),
            primary_key=field.name in table.grain,
            nullable=not table.is_required(field.name),
            doc=field.meaning,
        )
        for field in table.fields
    ]


# A store that is replaced by an empty one counts its positions from 1 again; its identity tells the two apart.
STORE_IDENTITY = SqlTable(
    "store_identity",
    METADATA,
    Column("store_id", String(64), primary_key=True),
    Column("created_at", Instant(), nullable=False),
)

OUTBOX = SqlTable(
    "outbox",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("table_name", String(64), nullable=False, doc="the bronze table that the row belongs to"),
    Column("payload", PAYLOAD, nullable=False, doc="one row of that table's contract; money and dates as text"),
    Column("created_at", Instant(), nullable=False),
    # A position is drawn before its transaction commits, so positions alone would lose rows; see ingestion/outbox.py.
    Column("transaction_number", TRANSACTION_NUMBER, nullable=False, server_default=CurrentTransaction()),
    Index("ix_outbox_transaction_number", "transaction_number", "position"),
    sqlite_autoincrement=True,
)

APPLICATIONS = SqlTable(
    "applications",
    METADATA,
    *contract_columns(APPLICATIONS_CONTRACT),
    Column("created_at", Instant(), nullable=False),
    Column("outbox_position", POSITION, ForeignKey(OUTBOX.c.position), nullable=False, unique=True),
)

LOAN_EVENTS = SqlTable(
    "loan_events",
    METADATA,
    *contract_columns(EVENTS_CONTRACT),
    Column("outbox_position", POSITION, ForeignKey(OUTBOX.c.position), nullable=False, unique=True),
    Index("ix_loan_events_loan_id", "loan_id", "value_on"),
)

AUDIT = SqlTable(
    "audit",
    METADATA,
    Column("audit_id", POSITION, primary_key=True, autoincrement=True),
    Column("happened_at", Instant(), nullable=False),
    Column("actor", String(64), nullable=False, doc="who did it"),
    Column("action", String(64), nullable=False, doc="what was done, such as payment.booked"),
    Column("table_name", String(64), nullable=False),
    Column("row_key", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("before_hash", String(64), doc="SHA-256 of the row before; null when it was new"),
    Column("after_hash", String(64), nullable=False, doc="SHA-256 of the row as written"),
    Index("ix_audit_row_key", "table_name", "row_key"),
    sqlite_autoincrement=True,
)

IDEMPOTENCY_KEYS = SqlTable(
    "idempotency_keys",
    METADATA,
    Column("idempotency_key", String(255), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status_code", Integer),
    Column("location", String(255)),
    Column("answer", Text),
    Column("created_at", Instant(), nullable=False),
)
