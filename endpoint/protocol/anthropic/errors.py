"""Errors in Anthropic's shape (https://docs.anthropic.com/en/api/errors). Pure.

The status stays ours; the type is the one that Anthropic's list has for it.
"""

from __future__ import annotations

from endpoint.errors import ContextLengthExceeded, RequestError

_PATH = "/v1/messages"
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    408: "timeout_error",
}


def is_anthropic_path(path: str) -> bool:
    """Whether a path is one of Anthropic's API."""
    return path == _PATH or path.startswith(f"{_PATH}/")


def error_body(error: RequestError, request_id: str) -> dict[str, object]:
    """`{"type": "error", "error": {"type", "message"}, "request_id"}`."""
    detail = {"type": _choose_type(error), "message": _write_message(error)}
    return {"type": "error", "error": detail, "request_id": request_id}


def _choose_type(error: RequestError) -> str:
    if error.status == 503 and error.retry_after_s is not None:
        return "overloaded_error"
    return _TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")


def _write_message(error: RequestError) -> str:
    if not isinstance(error, ContextLengthExceeded):
        return str(error)
    # In Anthropic's own words first: clients look for them, to shorten the conversation and try again.
    return f"prompt is too long: {error.prompt_tokens} tokens > {error.context_tokens} maximum. {error}"
