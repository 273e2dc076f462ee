"""The outermost layer: gives every answer its id (x-request-id, as OpenAI calls it, and
request-id, as Anthropic does), and turns an unexpected exception into a plain 500.

The traceback goes to the log with the request's id; the client gets the id and no internals. Pure ASGI.
"""

from __future__ import annotations

import logging
import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endpoint.errors import RequestError
from endpoint.guards.answers import error_response, mark_request

_LOGGER = logging.getLogger(__name__)


class FailureGuard:
    """See the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard an HTTP request; pass everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{uuid.uuid4().hex}"
        mark_request(scope, request_id)
        answer = _Answer(send, request_id)
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:  # hung up while sending its body: nobody is left to answer
            _LOGGER.debug("Request %s was broken off by its client", request_id)
        except Exception:  # a bug of ours, whichever: the server goes on
            _LOGGER.exception("Request %s failed: %s %s", request_id, scope["method"], scope["path"])
            if not answer.started:
                error = RequestError(f"The endpoint failed on this request. Its log has details under {request_id}.")
                await error_response(error, scope)(scope, receive, answer)
            else:
                raise  # the server cuts the connection: the only way left to say that the answer is not whole


class _Answer:
    """`send` that adds the id to the headers and knows whether they are gone."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = request_id
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = headers["request-id"] = self._id
        await self._send(message)
