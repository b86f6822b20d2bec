"""Paths of origination."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from serving_api.db import Reading
from serving_api.openapi import created, problems
from serving_api.origination import service
from serving_api.origination.schemas import ApplicationIn, ApplicationOut
from serving_api.published import Books
from serving_api.security import BEARER, ProtectedRoute
from serving_api.values import path_pattern
from serving_api.writes import Writes
from warehouse.contracts import fields as f

router = APIRouter(prefix="/v1", tags=["origination"], route_class=ProtectedRoute, dependencies=[Depends(BEARER)])
ApplicationId = Annotated[
    str, Path(description=f.APPLICATION_ID.meaning, pattern=path_pattern(f.APPLICATION_ID), examples=["APP-7f3c"])
]


@router.post(
    "/applications",
    status_code=201,
    responses={**created(ApplicationOut), **problems(400, 401, 413, 422, 500, 503)},
    summary="Create an application",
)
def create_application(application: ApplicationIn, write: Writes, books: Books) -> Response:
    """Take in an application. It waits for a decision, and is in the lake after the next ingestion."""
    return write.once(
        application,
        check=lambda: service.check_application(write, books, application),
        act=lambda _: service.create_application(write, application),
    )


@router.get(
    "/applications/{application_id}",
    response_model=ApplicationOut,
    responses=problems(401, 404, 422, 500, 503),
    summary="Read an application",
)
def read_application(application_id: ApplicationId, session: Reading) -> object:
    """An application that was created here."""
    return service.application(session, application_id)
