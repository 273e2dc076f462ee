from __future__ import annotations

import json
import logging

import pytest
from starlette.types import Receive, Scope, Send

from endpoint.guards.failures import FailureGuard
from tests.endpoint.guards.asgi import call, inner_app


async def broken_app(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError("secret internals")


async def breaking_app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise KeyError("too late")


def test_every_answer_has_an_id_of_its_own() -> None:
    ids = {call(FailureGuard(inner_app)).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_bug_is_a_500_without_internals_and_a_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = call(FailureGuard(broken_app))
    assert answer.status == 500
    assert b"secret" not in answer.body
    request_id = answer.headers["x-request-id"]
    assert request_id in json.loads(answer.body)["error"]["message"]
    assert request_id in caplog.text
    assert "secret internals" in caplog.text


def test_a_bug_after_the_headers_cuts_the_answer() -> None:
    with pytest.raises(KeyError):
        call(FailureGuard(breaking_app))
