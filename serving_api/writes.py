"""One write: a fact, its audit row and its outbox row in one transaction, done once however often it is sent.

Belongs here: idempotency keys, and appending a row of a contract. Does not: which rows (<domain>/repository.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import Table as SqlTable
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from serving_api.db import Writing, store_of
from serving_api.errors import KeyReused
from serving_api.settings import Settings
from serving_api.values import write as as_json
from warehouse.contracts.table import Table
from warehouse.oltp.tables import AUDIT, IDEMPOTENCY_KEYS, OUTBOX

T = TypeVar("T")
KEY_PATTERN = r"^[!-~]{1,255}$"
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="a name you give this write; sent again with the same body it is answered again and done once",
        examples=["5f0c6f0e-7a49-4d7b-9a36-1d0c8f6ad6a5"],
    ),
]


@dataclass(frozen=True)
class Done:
    """What a write answers. location: the path of what was made."""

    body: BaseModel
    location: str
    status: int = 201


@dataclass(frozen=True)
class Write:
    """One write in progress. known: the answer given to this key before, when there was one."""

    session: Session
    settings: Settings
    key: str
    request_id: str
    path: str
    at: datetime
    known: Row[Any] | None

    @property
    def today(self) -> date:
        return self.at.astimezone(self.settings.business_zone).date()

    def once(self, body: BaseModel, check: Callable[[], T], act: Callable[[T], Done]) -> Response:
        """Answer as before when the key is known; else check (no lock is held) and then act, in one transaction.

        Raises KeyReused when the key came with another request before.
        """
        request_hash = _hash([self.path, body.model_dump(mode="json")])
        if self.known is not None:
            return _replayed(self.known, request_hash)
        checked = check()
        if not self._claim(request_hash):
            # A duplicate sent at the same moment was first; claiming waited until it was committed.
            return _replayed(_remembered(self.session, self.key), request_hash)
        return self._remember(act(checked))

    def append(self, action: str, fact: SqlTable, contract: Table, row: dict[str, Any], **own: Any) -> None:
        """Append one row of a contract to its fact table, the audit and the outbox. own: columns of the store alone."""
        payload = {field.name: as_json(row.get(field.name)) for field in contract.fields}
        position: int = self.session.execute(
            insert(OUTBOX)
            .values(table_name=contract.name, payload=payload, created_at=self.at)
            .returning(OUTBOX.c.position)
        ).scalar_one()
        self.session.execute(insert(fact).values(**row, **own, outbox_position=position))
        self.session.execute(
            insert(AUDIT).values(
                happened_at=self.at,
                actor=self.settings.actor,
                action=action,
                table_name=fact.name,
                row_key="/".join(str(row[name]) for name in contract.grain),
                request_id=self.request_id,
                before_hash=None,
                after_hash=_hash(payload),
            )
        )

    def _claim(self, request_hash: str) -> bool:
        dialect = postgresql if self.session.get_bind().dialect.name == "postgresql" else sqlite
        claimed = self.session.execute(
            dialect.insert(IDEMPOTENCY_KEYS)
            .values(idempotency_key=self.key, request_hash=request_hash, created_at=self.at)
            .on_conflict_do_nothing()
            .returning(IDEMPOTENCY_KEYS.c.idempotency_key)
        )
        return claimed.first() is not None

    def _remember(self, done: Done) -> Response:
        answer = done.body.model_dump_json()
        self.session.execute(
            update(IDEMPOTENCY_KEYS)
            .where(IDEMPOTENCY_KEYS.c.idempotency_key == self.key)
            .values(status_code=done.status, location=done.location, answer=answer)
        )
        return _response(answer, done.status, {"Location": done.location})


def write_of(request: Request, session: Writing, idempotency_key: Key) -> Write:
    settings: Settings = request.app.state.settings
    # A session of its own, ended at once: a known key must not wait for the store's write lock.
    with store_of(request).reading() as looking:
        known = _remembered(looking, idempotency_key)
    return Write(session, settings, idempotency_key, request.state.request_id, request.url.path, settings.now(), known)


Writes = Annotated[Write, Depends(write_of)]


def _remembered(session: Session, key: str) -> Any:
    columns = IDEMPOTENCY_KEYS.c
    wanted = select(columns.request_hash, columns.status_code, columns.location, columns.answer)
    return session.execute(wanted.where(columns.idempotency_key == key)).one_or_none()


def _replayed(known: Row[Any], request_hash: str) -> Response:
    if known.request_hash != request_hash:
        message = "was used before for another request; a new write needs a new key"
        raise KeyReused(f"Idempotency-Key: {message}", [("Idempotency-Key", message)])
    return _response(known.answer, known.status_code, {"Location": known.location, "Idempotency-Replayed": "true"})


def _response(answer: str, status: int, headers: dict[str, str]) -> Response:
    return Response(answer, status, headers, media_type="application/json")


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
