from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from endpoint.errors import Draining
from endpoint.guards.traffic import Traffic, TrafficGuard
from tests.endpoint.guards.asgi import call, inner_app

READING = ("GET", "HEAD", "OPTIONS")


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


def test_an_empty_house_is_told_at_once_and_only_once() -> None:
    traffic, bell = Traffic(), Bell()
    traffic.close(bell.ring)
    traffic.close(bell.ring)
    assert (traffic.is_closed, bell.rung) == (True, 1)


def test_the_last_one_out_rings_the_bell() -> None:
    traffic, bell = Traffic(), Bell()
    traffic.enter()
    traffic.enter()
    traffic.close(bell.ring)
    traffic.leave()
    assert not bell.rung
    traffic.leave()
    assert bell.rung == 1


def test_behind_a_closed_door_nobody_comes_in() -> None:
    traffic = Traffic()
    traffic.close(lambda: None)
    with pytest.raises(Draining):
        traffic.enter()


def test_before_the_drain_everything_comes_in() -> None:
    guard = TrafficGuard(inner_app, Traffic())
    assert all(call(guard, method=method).came_in for method in (*READING, "POST", "DELETE"))


@pytest.mark.parametrize(("path", "type_"), [("/v1/chat/completions", None), ("/v1/messages", "error")])
def test_a_closed_door_is_a_503_with_retry_after_in_the_shape_of_the_api(path: str, type_: str | None) -> None:
    traffic = Traffic()
    traffic.close(lambda: None)
    answer = call(TrafficGuard(inner_app, traffic), method="POST", path=path)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert b"stopping" in answer.body
    assert (b'"type":"error"' in answer.body) is (type_ is not None)


@pytest.mark.parametrize("method", READING)
def test_reading_goes_on_to_the_end(method: str) -> None:
    traffic = Traffic()
    traffic.close(lambda: None)
    assert call(TrafficGuard(inner_app, traffic), method=method).came_in


def test_a_request_that_fails_has_left_too() -> None:
    async def falling(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError("gone")

    traffic, bell = Traffic(), Bell()
    with pytest.raises(OSError, match="gone"):
        call(TrafficGuard(falling, traffic), method="POST")
    traffic.close(bell.ring)
    assert bell.rung == 1
