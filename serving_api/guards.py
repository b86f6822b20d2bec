"""What happens to every request before and after a route sees it: a name, a size limit, one line in the log.

Belongs here: middleware that knows no domain. Does not: who may do what (security.py). The log line has the route's
template and the request id, never a body, a query or a header.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving_api.errors import TooLarge, answer, unforeseen

LOG = logging.getLogger("lendhouse.api")
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RequestNamed:
    """Give each request an id (the caller's X-Request-Id when it is a plain word) and log how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(
                    {"X-Request-Id": request_id, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
                )
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        except Exception as error:
            if status:
                raise
            await unforeseen(Request(scope), error)(scope, receive, send_named)
        finally:
            taken = (time.perf_counter() - started) * 1000
            LOG.info("%s %s %s %.1f ms request_id=%s", scope["method"], _template(scope), status, taken, request_id)


class BodyLimited:
    """Refuse a body above a size, whether it is announced or only arrives."""

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self.app, self.bytes_max = app, bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received: list[Message] = []
        if await self._is_read(scope, receive, received):
            await self.app(scope, _replaying(received, receive), send)
            return
        refusal = TooLarge(f"a request body may have at most {self.bytes_max} bytes")
        await answer(Request(scope), refusal)(scope, receive, send)

    async def _is_read(self, scope: Scope, receive: Receive, received: list[Message]) -> bool:
        """Read the body into `received`; false as soon as it is known to be too large."""
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > self.bytes_max:
            return False
        size, is_complete = 0, False
        while not is_complete and size <= self.bytes_max:
            message = await receive()
            received.append(message)
            size += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
        return size <= self.bytes_max


def _replaying(received: list[Message], receive: Receive) -> Receive:
    waiting = iter(received)

    async def replay() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return replay


def _template(scope: dict[str, Any] | Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", None) or "(no route)"
