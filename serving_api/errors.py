"""Every refusal of the API, as application/problem+json (RFC 9457).

Belongs here: domain errors with their status and title, and the one place that turns any error into an answer. Does
not: deciding when to refuse (services). No answer carries a stack trace, a statement or a value that was sent.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException

from warehouse.lake import LakeMissing, LakeUnreachable

LOG = logging.getLogger("lendhouse.api")
MEDIA_TYPE = "application/problem+json"
URN = "urn:lendhouse:problem:"
RETRY_SECONDS = "2"


class FieldError(BaseModel):
    """One field that was refused."""

    field: str = Field(description="path of the field, such as amount or events[3].amount")
    message: str = Field(description="what was wrong and what would be accepted")


class ProblemOut(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="about:blank, or a urn that names the kind of problem")
    title: str
    status: int
    detail: str
    request_id: str = Field(description="quote it when asking about this answer")
    errors: list[FieldError] = Field(description="the fields at fault; empty when no field is")


class Problem(Exception):
    """A refusal with its status and title. detail: a sentence for people, without personal data."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Server Error"
    kind: ClassVar[str | None] = None

    def __init__(
        self, detail: str, errors: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail, self.errors, self.headers = detail, list(errors), dict(headers or {})


class Unauthorised(Problem):
    status, title = 401, "Unauthorized"


class NotKnown(Problem):
    status, title, kind = 404, "Not known", "not-known"


class LoanClosed(Problem):
    status, title, kind = 409, "Loan takes no payments", "loan-closed"


class FieldsRefused(Problem):
    """One or more fields cannot be accepted; errors names them."""

    status, title, kind = 422, "Fields refused", "fields-refused"

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors), errors)


class FieldRepeated(Problem):
    """A JSON object that has a name more than once, so that it says two things."""

    status, title, kind = 400, "Field sent twice", "field-repeated"

    def __init__(self, fields: Sequence[str]) -> None:
        message = "is there more than once; send it once"
        super().__init__("; ".join(f"{field}: {message}" for field in fields), [(field, message) for field in fields])


class KeyReused(Problem):
    status, title, kind = 422, "Idempotency-Key reused", "idempotency-key-reused"


class TooLarge(Problem):
    status, title = 413, "Content Too Large"


class Busy(Problem):
    status, title, kind = 503, "Busy", "busy"


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The problem as a response."""
    body = ProblemOut(
        type=f"{URN}{problem.kind}" if problem.kind else "about:blank",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        request_id=_request_id(request),
        errors=[FieldError(field=field, message=message) for field, message in problem.errors],
    )
    return JSONResponse(body.model_dump(), problem.status, problem.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of the app leave as a problem."""

    @app.exception_handler(Problem)
    def on_problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(StarletteHTTPException)
    def on_http(request: Request, error: StarletteHTTPException) -> JSONResponse:
        return answer(request, _from_http(error))

    @app.exception_handler(RequestValidationError)
    def on_validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, FieldsRefused(*(_field_error(one) for one in error.errors())))

    @app.exception_handler(LakeMissing)
    def on_no_lake(request: Request, error: LakeMissing) -> JSONResponse:
        return answer(request, Busy(str(error).split(" in /")[0], headers={"Retry-After": "60"}))

    for kind in (DBAPIError, PoolTimeout, duckdb.Error, LakeUnreachable):
        app.add_exception_handler(kind, _on_store_error)


def _on_store_error(request: Request, error: Exception) -> JSONResponse:
    if _is_busy(error):
        LOG.warning("store busy request_id=%s %s", _request_id(request), type(error).__name__)
        message = "the store is busy or cannot be reached; nothing was written, send the same request again"
        return answer(request, Busy(message, headers={"Retry-After": RETRY_SECONDS}))
    return unforeseen(request, error)


def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """A 500 that says nothing of its reason; the log has its kind and place, for its words may hold values of a row."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    place = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    LOG.error("request_id=%s failed: %s at %s", _request_id(request), type(error).__name__, place)
    return answer(request, Problem("the request failed; the log has the place under this request_id"))


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _is_busy(error: Exception) -> bool:
    """Locked, out of connections, timed out or unreachable: the same request may succeed later."""
    if isinstance(error, PoolTimeout | LakeUnreachable):
        return True
    if isinstance(error, duckdb.Error):
        return "locked" in str(error).lower()
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state is not None:
        # lock not available, query cancelled, serialisation, deadlock, connection and resource classes
        return state in ("55P03", "57014", "40001", "40P01") or state[:2] in ("08", "53", "57")
    return isinstance(error, OperationalError)


def _from_http(error: StarletteHTTPException) -> Problem:
    known = {
        404: "there is nothing at this path; see /docs",
        405: "this path does not take that method; the Allow header lists those it takes",
    }
    detail = known.get(error.status_code, str(error.detail))
    problem = Problem(detail, headers=error.headers)
    problem.status, problem.title = error.status_code, HTTPStatus(error.status_code).phrase  # type: ignore[misc]
    return problem


def _field_error(error: Mapping[str, Any]) -> tuple[str, str]:
    where, *path = error["loc"]
    if error["type"] == "json_invalid":
        return "body", f"not valid JSON at character {path[0] if path else 0}"
    if where == "header" and path:
        return "-".join(part.capitalize() for part in str(path[0]).split("-")), _words(error)
    return _path(path) or "body", _words(error)


def _words(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a field of this request"
        case "model_attributes_type" | "dict_type" | "model_type":
            return "must be a JSON object, sent as application/json"
        case _:
            return str(error["msg"]).removeprefix("Value error, ")


def _path(parts: Sequence[str | int]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
