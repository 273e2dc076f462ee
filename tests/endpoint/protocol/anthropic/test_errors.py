from __future__ import annotations

import pytest
from anthropic.types import ErrorResponse

from endpoint.errors import (
    AccessDenied,
    BodyTooLarge,
    ContextLengthExceeded,
    DeadlineExceeded,
    GenerationFailed,
    InvalidRequest,
    KeyRequired,
    ModelNotFound,
    NotReady,
    Overloaded,
    RequestError,
    Unavailable,
)
from endpoint.protocol.anthropic.errors import error_body, is_anthropic_path
from endpoint.protocol.anthropic.schemas import MessageError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidRequest("x", "messages"), "invalid_request_error"),
        (KeyRequired("x"), "authentication_error"),
        (AccessDenied("x"), "permission_error"),
        (ModelNotFound("x"), "not_found_error"),
        (NotReady("x"), "overloaded_error"),
        (Overloaded("x"), "overloaded_error"),
        (Unavailable("x"), "api_error"),
        (GenerationFailed("x"), "api_error"),
        (RequestError("x"), "api_error"),
        (DeadlineExceeded(1, "x"), "timeout_error"),
    ],
)
def test_an_error_has_a_type_of_anthropic_s(error: RequestError, kind: str) -> None:
    body = error_body(error, "req_1")
    assert MessageError.model_validate(body).error.type == kind
    parsed = ErrorResponse.model_validate(body, strict=True)
    assert (parsed.error.type, parsed.error.message, parsed.request_id) == (kind, str(error), "req_1")


def test_a_body_that_is_too_large_has_a_type_of_its_own() -> None:
    assert MessageError.model_validate(error_body(BodyTooLarge("x"), "")).error.type == "request_too_large"


def test_a_prompt_that_is_too_long_is_told_in_the_words_that_clients_look_for() -> None:
    detail = MessageError.model_validate(error_body(ContextLengthExceeded(9000, 8192, "messages"), "req_1")).error
    assert detail.type == "invalid_request_error"
    assert detail.message.startswith("prompt is too long: 9000 tokens > 8192 maximum")


def test_only_anthropic_s_own_paths_are_its_own() -> None:
    for path in ("/v1/messages", "/v1/messages/", "/v1/messages/count_tokens", "/v1/messages/batches"):
        assert is_anthropic_path(path)
    for path in ("/v1/messagesx", "/v1/chat/completions", "/", "/v1"):
        assert not is_anthropic_path(path)
