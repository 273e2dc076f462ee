"""Errors in OpenAI's shape. Pure."""

from __future__ import annotations

from endpoint.errors import RequestError


def error_body(error: RequestError) -> dict[str, object]:
    """`{"error": {"message", "type", "param", "code"}}`."""
    detail = {"message": str(error), "type": error.kind, "param": error.param, "code": error.code}
    return {"error": detail}


def error_headers(error: RequestError) -> dict[str, str]:
    """Headers that belong to the error: when to come back, or not at all (OpenAI's clients repeat every 5xx, and a
    request that took too long would take as long again), how to show the key."""
    headers = {}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(error.retry_after_s)
    if error.is_worth_retrying is False:
        headers["x-should-retry"] = "false"
    if error.status == 401:
        headers["www-authenticate"] = 'Bearer realm="traypoint"'
    return headers
