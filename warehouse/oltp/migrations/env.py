"""Alembic's entry: runs inside the one transaction that warehouse.oltp.migrate opened."""

from alembic import context

from warehouse.oltp.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
