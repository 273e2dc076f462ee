"""A RequestError as an HTTP answer, in the shape of the API that the path belongs to."""

from __future__ import annotations

import orjson
from starlette.responses import Response
from starlette.types import Scope

from endpoint.errors import RequestError
from endpoint.protocol.anthropic import errors as anthropic_errors
from endpoint.protocol.errors import error_body, error_headers


def error_response(error: RequestError, scope: Scope) -> Response:
    """OpenAI's shape or Anthropic's, the error's status and headers."""
    if anthropic_errors.is_anthropic_path(scope["path"]):
        body = anthropic_errors.error_body(error, find_request_id(scope))
    else:
        body = error_body(error)
    return Response(orjson.dumps(body), error.status, headers=error_headers(error), media_type="application/json")


def mark_request(scope: Scope, request_id: str) -> None:
    """Note the request's id for `find_request_id`."""
    scope.setdefault("state", {})["request_id"] = request_id


def find_request_id(scope: Scope) -> str:
    """The request's id; empty where nobody noted one."""
    return str(scope.get("state", {}).get("request_id", ""))
