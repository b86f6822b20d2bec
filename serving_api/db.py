"""Sessions of the transactional store: opened, committed and rolled back here and nowhere else.

A writing session is committed before the answer leaves (scope="function"), so a client that reads 201 may rely on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from warehouse.oltp import make_engine
from warehouse.oltp.engine import for_writing


@dataclass(frozen=True)
class Store:
    """The open transactional store: one pool, used by readers and by writers."""

    engine: Engine

    @classmethod
    def at(cls, url: str) -> Store:
        return cls(make_engine(url))

    def reading(self) -> Session:
        return Session(self.engine)

    def writing(self) -> Session:
        return Session(for_writing(self.engine))

    def close(self) -> None:
        self.engine.dispose()


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def reading_session(request: Request) -> Iterator[Session]:
    with store_of(request).reading() as session:
        yield session


def writing_session(request: Request) -> Iterator[Session]:
    with store_of(request).writing() as session, session.begin():
        yield session


Reading = Annotated[Session, Depends(reading_session, scope="function")]
Writing = Annotated[Session, Depends(writing_session, scope="function")]
