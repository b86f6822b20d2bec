"""The transactional store: SQLite by default, PostgreSQL by URL.

Belongs here: its tables, its engine and its migrations. Does not: who may write what (serving_api), and how its rows
reach the lake (ingestion/outbox.py).
"""

from warehouse.oltp.engine import make_engine
from warehouse.oltp.migrate import migrate, revision_of

__all__ = ["make_engine", "migrate", "revision_of"]
