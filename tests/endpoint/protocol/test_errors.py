from __future__ import annotations

from endpoint.errors import ContextLengthExceeded, KeyRequired, NotReady
from endpoint.protocol.errors import error_body, error_headers
from endpoint.protocol.schemas import ErrorReply


def test_an_error_is_in_openais_shape() -> None:
    body = error_body(ContextLengthExceeded(10, 5, "messages"))
    detail = ErrorReply.model_validate(body).error
    assert (detail.type, detail.param, detail.code) == (
        "invalid_request_error",
        "messages",
        "context_length_exceeded",
    )


def test_some_errors_bring_headers() -> None:
    assert error_headers(NotReady("loading")) == {"retry-after": "1"}
    assert "www-authenticate" in error_headers(KeyRequired("no key"))
    assert error_headers(ContextLengthExceeded(1, 1, "prompt")) == {}
