"""The API, put together. Belongs here: which routers and guards there are. Does not: any route or rule.

Run it with `uvicorn serving_api.app:app`, which listens on the loopback interface unless told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy.orm import Session

from serving_api import errors, health, openapi
from serving_api.db import Store
from serving_api.guards import BodyLimited, RequestNamed
from serving_api.origination.router import router as origination
from serving_api.published import Published
from serving_api.servicing.router import router as servicing
from serving_api.settings import Settings
from warehouse.home import Home
from warehouse.lake import Lake
from warehouse.oltp import migrate
from warehouse.oltp.outbox import store_id


def create_app(home: Home | None = None, settings: Settings | None = None) -> FastAPI:
    """The API of one installation: by default that of LENDHOUSE_HOME. Its stores are opened when it starts."""
    settings = settings or Settings.of(home or Home.from_environment())
    app = FastAPI(
        title="Lendhouse",
        version=settings.version,
        description=openapi.DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    errors.install(app)
    openapi.install(app)
    for router in (health.router, origination, servicing):
        app.include_router(router)
    app.add_middleware(BodyLimited, bytes_max=settings.body_bytes_max)
    app.add_middleware(RequestNamed)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    migrate(settings.oltp_url)
    store = Store.at(settings.oltp_url)
    with Session(store.engine) as session:
        identity = store_id(session)
    app.state.store = store
    app.state.published = Published(Lake(settings.home), identity, settings.refresh_seconds, settings.patience_seconds)
    app.state.published.open_ahead()
    try:
        yield
    finally:
        app.state.published.close()
        store.close()


def __getattr__(name: str) -> Any:
    # Made when a server asks for it, so that importing create_app opens and makes nothing.
    if name == "app":
        return create_app()
    raise AttributeError(name)
