"""A polite end: nothing new comes in, what was begun comes to its end, then the process is over."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from endpoint.contract import DRAIN_LINE, STOP_LINE, ExitCode
from tests.endpoint.process import DEADLINE_S, Live, live, port_is_free
from tests.endpoint.serving import wait_until

SLOW = ("--provider", "fake", "--model", "echo,step_ms=20", "--parallel", "1")
TEXT = "x" * 200
"""Four seconds and more: longer than a stop allows."""


def chat(endpoint: Live, text: str = TEXT, *, stream: bool = False) -> httpx.Response:
    body = {"messages": [{"role": "user", "content": text}], "stream": stream}
    return httpx.post(f"http://127.0.0.1:{endpoint.port}/v1/chat/completions", json=body, timeout=DEADLINE_S)


def counts(endpoint: Live) -> tuple[object, object]:
    body = endpoint.health()[1]
    return body["active"], body["queued"]


def begin_two(endpoint: Live, pool: ThreadPoolExecutor) -> list[Future[httpx.Response]]:
    """One that runs and one that waits for its row."""
    endpoint.wait_for_status("healthy")
    asked = [pool.submit(chat, endpoint), pool.submit(chat, endpoint, stream=True)]
    wait_until(lambda: counts(endpoint) == (1, 1), "one runs and one waits")
    return asked


def test_what_runs_and_what_waits_comes_to_its_end_and_nothing_new_comes_in(tmp_path: Path) -> None:
    with live(tmp_path, *SLOW) as endpoint, ThreadPoolExecutor() as pool:
        running, waiting = begin_two(endpoint, pool)
        endpoint.tell(DRAIN_LINE)
        body = endpoint.wait_for_status("stopping")
        assert (body["active"], body["queued"]) == (1, 1)
        assert endpoint.health()[0] == 503
        refused = chat(endpoint, "hello")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "endpoint_stopping")
        assert int(refused.headers["retry-after"]) > 0
        assert "stopping" in refused.json()["error"]["message"]
        assert running.result().json()["choices"][0]["message"]["content"] == TEXT
        assert waiting.result().text.endswith("data: [DONE]\n\n")
        assert "error" not in waiting.result().text
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK
        assert port_is_free(endpoint.port)


@pytest.mark.parametrize("model", ["echo", "echo,load_ms=1000"])
def test_with_nothing_begun_it_ends_at_once_loaded_or_not(tmp_path: Path, model: str) -> None:
    with live(tmp_path, "--provider", "fake", "--model", model) as endpoint:
        endpoint.wait_for_status("healthy", "loading")
        endpoint.tell(DRAIN_LINE)
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


def test_a_drain_that_comes_while_the_endpoint_still_imports_is_not_lost(tmp_path: Path) -> None:
    with live(tmp_path, *SLOW) as endpoint:
        endpoint.tell(DRAIN_LINE)
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


@pytest.mark.parametrize(
    "end",
    [lambda endpoint: endpoint.tell(STOP_LINE), lambda endpoint: endpoint.process.send_signal(signal.SIGTERM)],
    ids=["stop", "SIGTERM"],
)
def test_a_stop_during_a_drain_is_a_stop(tmp_path: Path, end: Callable[[Live], None]) -> None:
    with live(tmp_path, *SLOW) as endpoint, ThreadPoolExecutor() as pool:
        running, waiting = begin_two(endpoint, pool)
        endpoint.tell(DRAIN_LINE)
        endpoint.wait_for_status("stopping")
        end(endpoint)
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK
        assert running.result().status_code == 503
        assert "stopping" in waiting.result().text


def test_a_parent_that_goes_during_a_drain_takes_the_endpoint_along(tmp_path: Path) -> None:
    with live(tmp_path, *SLOW) as endpoint, ThreadPoolExecutor() as pool:
        begin_two(endpoint, pool)
        endpoint.tell(DRAIN_LINE)
        endpoint.wait_for_status("stopping")
        assert endpoint.process.stdin is not None
        endpoint.process.stdin.close()
        endpoint.process.wait(DEADLINE_S)
        assert port_is_free(endpoint.port)
