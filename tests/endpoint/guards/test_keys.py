from __future__ import annotations

import json

import pytest
from starlette.types import Receive, Scope, Send

from endpoint.guards.keys import KeyGuard, find_refusal
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import Answer, call, inner_app

KEY = "sk-right"
HERE = ("192.168.1.5", 8001)
ELSEWHERE = ("192.168.1.77", 5000)
WIDE = KeyGuard(inner_app, Settings(host="0.0.0.0", api_key=KEY))


def ask(
    guard: KeyGuard = WIDE,
    client: tuple[str, int] | None = ELSEWHERE,
    path: str = "/v1/models",
    headers: dict[str, str] | None = None,
) -> Answer:
    return call(guard, client=client, server=HERE, headers=headers, path=path)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1", "192.168.1.5", "::ffff:192.168.1.5"]
)
def test_callers_on_this_machine_need_no_key(address: str) -> None:
    assert ask(client=(address, 5000)).came_in


def test_a_unix_socket_is_this_machine() -> None:
    assert ask(client=None).came_in


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY} "}, {"x-api-key": KEY}]
)
def test_callers_from_elsewhere_come_in_with_the_key(headers: dict[str, str]) -> None:
    assert ask(headers=headers).came_in


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer "},
        {"authorization": "Bearer wrong"},
        {"authorization": KEY},
        {"authorization": f"Basic {KEY}"},
        {"x-api-key": "wrong"},
        {"x-api-key": "schl\xfcssel"},
        {"x-forwarded-for": "127.0.0.1"},
    ],
)
def test_callers_from_elsewhere_are_refused_without_it(headers: dict[str, str]) -> None:
    answer = ask(headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert json.loads(answer.body)["error"]["code"] == "invalid_api_key"
    assert KEY.encode() not in answer.body


def test_health_needs_no_key() -> None:
    assert ask(path="/health").came_in


async def teller(scope: Scope, receive: Receive, send: Send) -> None:
    """Says whether the guard would have refused the caller."""
    refusal = find_refusal(scope)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(refusal or "").encode()})


@pytest.mark.parametrize(
    ("headers", "told"), [({}, b"No API key."), ({"x-api-key": "wrong"}, b"Wrong API key."), ({"x-api-key": KEY}, b"")]
)
def test_an_open_path_learns_whom_it_speaks_to(headers: dict[str, str], told: bytes) -> None:
    guard = KeyGuard(teller, Settings(host="0.0.0.0", api_key=KEY), frozenset({"/open"}))
    answer = ask(guard, path="/open", headers=headers)
    assert (answer.status, answer.body[: len(told)]) == (200, told)
    assert bool(answer.body) == bool(told)
    assert ask(guard, path="/open/").status == 401


def test_a_request_that_no_guard_has_seen_is_refused() -> None:
    assert find_refusal({"type": "http"}) is not None


def test_a_loopback_bind_asks_nobody() -> None:
    assert ask(KeyGuard(inner_app, Settings(api_key=KEY)), client=("127.0.0.1", 5)).came_in


def test_require_key_asks_callers_on_this_machine_too() -> None:
    guard = KeyGuard(inner_app, Settings(api_key=KEY, require_key=True))
    assert ask(guard, client=("127.0.0.1", 5)).status == 401
    assert ask(guard, client=("127.0.0.1", 5), headers={"x-api-key": KEY}).came_in


def test_a_wide_bind_without_a_key_lets_nobody_from_elsewhere_in() -> None:
    guard = KeyGuard(inner_app, Settings(host="0.0.0.0"))
    for headers in ({}, {"x-api-key": ""}, {"authorization": "Bearer None"}):
        assert ask(guard, headers=headers).status == 401
