"""Every error under /v1/messages is in Anthropic's shape, whoever raises it, and its client knows it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import anthropic
import httpx
import pytest

from endpoint.app import create_app
from endpoint.engine.engine import Engine
from endpoint.engine.model import LoadedModel
from endpoint.protocol.anthropic.schemas import MessageError
from endpoint.protocol.schemas import ErrorReply
from endpoint.providers.base import Event, Failed
from endpoint.providers.fake import FakeProvider
from endpoint.providers.options import Progress
from tests.endpoint.guards.asgi import call
from tests.endpoint.serving import FAKE, Served, load_fake, serving, serving_while_it_loads

HELLO = {"model": "any", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(settings=dataclasses.replace(FAKE, max_body_bytes=10_000)) as running:
        yield running


class _FailingProvider(FakeProvider):
    """Every job fails where it should have drawn its first token."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(load_fake()(progress).info, parallel=8, step_s=0)

    def step(self) -> Sequence[Event]:
        failed = [event.job_id for event in super().step()]
        for job_id in failed:
            self.cancel(job_id)
        return [Failed(job_id, "the decode went wrong") for job_id in failed]


def check(response: httpx.Response, status: int, kind: str) -> str:
    """That the error is whole; its message."""
    assert response.status_code == status
    error = MessageError.model_validate(response.json())
    assert error.error.type == kind
    assert error.request_id == response.headers["request-id"] == response.headers["x-request-id"]
    assert error.request_id.startswith("req_")
    return error.error.message


def connect(served: Served, api_key: str | None = "any", auth_token: str | None = None) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=served.url, api_key=api_key, auth_token=auth_token, max_retries=0, timeout=20)


def test_a_wrong_body_is_named(served: Served) -> None:
    post = served.client.post
    assert "not valid JSON" in check(post("/v1/messages", content=b"{"), 400, "invalid_request_error")
    assert "max_tokens is required" in check(
        post("/v1/messages", json={"messages": HELLO["messages"]}), 400, "invalid_request_error"
    )
    assert "messages is required" in check(post("/v1/messages/count_tokens", json={}), 400, "invalid_request_error")


def test_the_guards_speak_it_too(served: Served) -> None:
    post = served.client.post
    check(post("/v1/messages", json=HELLO, headers={"host": "evil.example"}), 403, "permission_error")
    check(post("/v1/messages", json=HELLO, headers={"origin": "https://evil.example"}), 403, "permission_error")
    check(post("/v1/messages", content=b"x" * 20_000), 413, "request_too_large")
    chunked = (b"x" * 9000 for _ in range(3))
    check(post("/v1/messages", content=chunked), 413, "request_too_large")


def test_routes_and_methods_that_are_not_there(served: Served) -> None:
    check(served.client.get("/v1/messages/batches"), 404, "not_found_error")
    response = served.client.get("/v1/messages")
    check(response, 405, "invalid_request_error")
    assert response.headers["allow"] == "POST"


def test_other_paths_keep_openai_s_shape(served: Served) -> None:
    ErrorReply.model_validate(served.client.post("/v1/chat/completions", content=b"{").json())
    ErrorReply.model_validate(served.client.get("/v1/nowhere").json())


def test_a_prompt_that_does_not_fit_says_so_in_anthropic_s_words(served: Served) -> None:
    with (
        connect(served) as client,
        pytest.raises(anthropic.BadRequestError, match="prompt is too long: 5000 tokens > "),
    ):
        client.messages.create(model="any", max_tokens=5, messages=[{"role": "user", "content": "x" * 5000}])


@pytest.mark.parametrize("as_header", ["x-api-key", "authorization"])
def test_a_key_is_taken_from_either_header(as_header: str) -> None:
    def open_with(served: Served, key: str) -> anthropic.Anthropic:
        return connect(served, key) if as_header == "x-api-key" else connect(served, None, key)

    with serving(settings=dataclasses.replace(FAKE, api_key="sk-1", require_key=True)) as served:
        with open_with(served, "sk-1") as client:
            assert client.messages.count_tokens(model="any", messages=[{"role": "user", "content": "hi"}]).input_tokens
        with open_with(served, "sk-2") as client, pytest.raises(anthropic.AuthenticationError, match="Wrong API key"):
            client.messages.count_tokens(model="any", messages=[{"role": "user", "content": "hi"}])
        check(served.client.post("/v1/messages", json=HELLO), 401, "authentication_error")


def test_while_the_model_loads_it_is_overloaded_and_says_when_to_come_back() -> None:
    with serving_while_it_loads() as served:
        response = served.client.post("/v1/messages", json=HELLO)
        check(response, 503, "overloaded_error")
        assert response.headers["retry-after"] == "1"


def test_a_failure_is_a_500_when_whole_and_an_error_event_when_streamed() -> None:
    with serving(_FailingProvider) as served, connect(served) as client:
        message = check(served.client.post("/v1/messages", json=HELLO), 500, "api_error")
        assert "the decode went wrong" in message
        with (
            pytest.raises(anthropic.APIStatusError, match="the decode went wrong"),
            client.messages.stream(model="any", max_tokens=5, messages=[{"role": "user", "content": "hi"}]) as stream,
        ):
            stream.until_done()


def test_time_that_is_up_is_a_timeout(served: Served) -> None:
    with serving(load_fake("echo,step_ms=5")) as slow:
        body = {**HELLO, "max_tokens": 2000, "timeout": 0.3, "messages": [{"role": "user", "content": "x" * 2000}]}
        response = slow.client.post("/v1/messages", json=body)
        assert "0.3 s was up" in check(response, 408, "timeout_error")
        assert response.headers["x-should-retry"] == "false"


class _BrokenEngine(Engine):
    """Has a bug where the routes ask it for its model."""

    def model(self) -> LoadedModel:
        raise KeyError("secret internals")


def test_a_bug_is_a_500_without_internals() -> None:
    answer = call(create_app(_BrokenEngine(load_fake()), FAKE), method="POST", path="/v1/messages")
    error = MessageError.model_validate_json(answer.body)
    assert (answer.status, error.error.type) == (500, "api_error")
    assert error.request_id == answer.headers["request-id"]
    assert b"secret" not in answer.body
