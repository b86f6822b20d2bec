"""Whether the API lives, and whether it can work. No token is asked; nothing of any customer is said."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text

from serving_api.db import Reading
from serving_api.openapi import problems
from serving_api.published import Books
from serving_api.settings import Settings
from warehouse.lake import LakeMissing

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers."""

    status: str
    version: str


class LakeState(BaseModel):
    """The published snapshot that loans are read from."""

    as_of: date
    snapshot_id: int
    published_at: datetime


class Ready(BaseModel):
    """The store answers, and what the lake has."""

    status: str
    store: str = Field(description="sqlite or postgresql")
    lake: LakeState | None = Field(description="null until a first build is published; loans are then not known")


@router.get("/health", summary="Is it alive")
def health(request: Request) -> Health:
    """Answers without touching any store."""
    settings: Settings = request.app.state.settings
    return Health(status="ok", version=settings.version)


@router.get("/ready", summary="Can it work", responses=problems(500, 503))
def ready(session: Reading, books: Books) -> Ready:
    """Asks the store, and says which snapshot of the lake is read."""
    session.execute(text("select 1"))
    dialect = session.get_bind().dialect.name
    try:
        closing = books.snapshot().closing
    except LakeMissing:
        return Ready(status="ok", store=dialect, lake=None)
    state = LakeState(as_of=closing.as_of, snapshot_id=closing.snapshot_id, published_at=closing.published_at)
    return Ready(status="ok", store=dialect, lake=state)
