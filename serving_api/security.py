"""Who may call the API, whoever shows the token that was made at set-up; and only then is anything else read.

Belongs here: the check of the token. Does not: finer rights; there is one actor.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from serving_api.bodies import refuse_repeated_fields
from serving_api.errors import Unauthorised
from serving_api.settings import Settings

# Only for the OpenAPI schema and the Authorize button of /docs; the check itself comes earlier, in ProtectedRoute.
BEARER = HTTPBearer(
    scheme_name="OAuth2 bearer",
    bearerFormat="opaque",
    description="OAuth 2.0 bearer token (RFC 6750). It was made at set-up: secrets/api_token in LENDHOUSE_HOME.",
    auto_error=False,
)


class ProtectedRoute(APIRoute):
    """A route that looks at the token before it reads anything else of the request, then at the body as a whole."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def protected(request: Request) -> Response:
            require_token(request)
            refuse_repeated_fields(await request.body())
            return await handler(request)

        return protected


def require_token(request: Request) -> None:
    """Raises Unauthorised unless the request bears the token; compared in constant time."""
    settings: Settings = request.app.state.settings
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Unauthorised(
            "send the header Authorization: Bearer TOKEN; the token is in secrets/api_token of LENDHOUSE_HOME",
            headers={"WWW-Authenticate": 'Bearer realm="lendhouse"'},
        )
    if not secrets.compare_digest(given.strip().encode(), settings.token.encode()):
        raise Unauthorised(
            "the token is not the one of this installation",
            headers={"WWW-Authenticate": 'Bearer realm="lendhouse", error="invalid_token"'},
        )
