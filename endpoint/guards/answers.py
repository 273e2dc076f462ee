"""A RequestError as an HTTP answer."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from endpoint.errors import RequestError
from endpoint.protocol.errors import error_body, error_headers


def error_response(error: RequestError) -> Response:
    """OpenAI's shape, the error's status and headers."""
    return Response(
        orjson.dumps(error_body(error)), error.status, headers=error_headers(error), media_type="application/json"
    )
