"""The OpenAPI schema and the page that shows it, with no asset from elsewhere.

Belongs here: what every operation's answers have in common, /openapi.json, /docs. Does not: the operations themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from serving_api.errors import MEDIA_TYPE, ProblemOut

STATIC = Path(__file__).parent / "static"
SWAGGER = "/static/swagger-ui"
DESCRIPTION = """Applications in, payments in, loans out.

Money is a decimal string in major units (`"5000.00"`), a rate a decimal fraction a year, a date ISO 8601, an
instant UTC. Errors are `application/problem+json` and name the field. Every write takes an `Idempotency-Key`: the
same request sent again is answered as before and done once."""
MEANINGS = {
    400: "The body has a field twice, or is not text",
    401: "No token, or not the token of this installation",
    404: "Not known",
    409: "The state of the loan does not allow it",
    413: "The body is too large",
    422: "One or more fields are refused; `errors` names them",
    500: "The request failed",
    503: "The store is busy, or the lake has nothing published yet; send the same request again later",
}
HEADERS = {
    401: {"WWW-Authenticate": "how to authenticate"},
    503: {"Retry-After": "seconds to wait"},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of an operation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {
        status: {"description": MEANINGS[status], "content": content, "headers": _headers(HEADERS.get(status, {}))}
        for status in statuses
    }


def created(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The answer of a write."""
    headers = _headers({"Location": "path of what was made", "Idempotency-Replayed": "true when answered before"})
    headers["Idempotency-Replayed"]["required"] = False
    return {201: {"model": model, "description": "Written and durable", "headers": headers}}


def install(app: FastAPI) -> None:
    """Serve /openapi.json and /docs."""
    app.openapi = lambda: _schema(app)  # type: ignore[method-assign]
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{app.title} API",
            swagger_js_url=f"{SWAGGER}/swagger-ui-bundle.js",
            swagger_css_url=f"{SWAGGER}/swagger-ui.css",
            swagger_favicon_url=f"{SWAGGER}/favicon-32x32.png",
            swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
        )


def _schema(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.update(problem.pop("$defs", {}))
        parts["ProblemOut"] = problem
        app.openapi_schema = schema
    return app.openapi_schema


def _headers(meanings: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": meaning, "required": True, "schema": {"type": "string"}}
        for name, meaning in meanings.items()
    }
