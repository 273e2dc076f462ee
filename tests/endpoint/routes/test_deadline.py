"""A request that takes too long: what its client is told, by either route, streaming or not."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator

import pytest

from endpoint.routes.generating import choose_timeout
from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

LONG = "x" * 2000  # at 5 ms a token, ten seconds of answer


@pytest.fixture(scope="module")
def slow() -> Iterator[Served]:
    with serving(load_fake("echo,step_ms=5")) as served:
        yield served


def test_the_smaller_limit_holds() -> None:
    assert choose_timeout(None, 0.0) is None
    assert choose_timeout(3.0, 0.0) == 3.0
    assert choose_timeout(None, 5.0) == 5.0
    assert choose_timeout(3.0, 5.0) == 3.0
    assert choose_timeout(9.0, 5.0) == 5.0


@pytest.mark.parametrize("route", ["chat", "complete"])
def test_a_whole_answer_out_of_time_is_a_408(slow: Served, route: str) -> None:
    response = slow.chat(LONG, timeout=0.4) if route == "chat" else slow.complete(LONG, timeout=0.4)
    assert response.status_code == 408
    assert response.headers["x-should-retry"] == "false"
    error = response.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("timeout_error", "deadline_exceeded", None)
    assert "0.4 s was up when" in error["message"]


def test_a_stream_out_of_time_ends_with_the_error_and_done(slow: Served) -> None:
    response = slow.chat(LONG, timeout=1.2, stream=True)
    assert response.status_code == 200
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    assert json.loads(lines[-2])["error"]["code"] == "deadline_exceeded"


def test_the_endpoint_s_own_limit_holds_without_the_field() -> None:
    with serving(load_fake("echo,step_ms=5"), dataclasses.replace(FAKE, request_timeout_s=0.3)) as served:
        assert "time of 0.3 s" in served.chat(LONG).json()["error"]["message"]
        assert served.chat("short").status_code == 200


@pytest.mark.parametrize("timeout", [0, -1, "5", True])
def test_a_limit_that_makes_no_sense_is_refused_by_name(slow: Served, timeout: object) -> None:
    response = slow.chat("hello", timeout=timeout)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "timeout"


def test_a_full_queue_answers_503_and_says_when_to_come_back() -> None:
    settings = dataclasses.replace(FAKE, max_queue=1)
    with serving(load_fake("echo,step_ms=5", parallel=1), settings) as served:
        fillers = [threading.Thread(target=served.chat, args=(LONG,), kwargs={"timeout": 4}) for _ in range(2)]
        fillers[0].start()
        wait_until(lambda: served.engine.health().active == 1, "one runs")
        fillers[1].start()
        wait_until(lambda: served.engine.health().queued == 1, "one waits")
        response = served.chat("one too many")
        for filler in fillers:
            filler.join()
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["error"]["code"] == "overloaded"
    assert "waiting already" in response.json()["error"]["message"]


def test_a_stream_in_time_is_not_touched(slow: Served) -> None:
    assert "error" not in read_events(slow.chat("hello", timeout=30, stream=True))[-1]
