"""Requests that end early on the real model, wherever they are: their client hangs up, or their time is up."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from endpoint.engine.metrics import EngineMetrics, Outcome
from endpoint.providers.base import Provider
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.serving import Served, serving, wait_until

LONG = "The keeper of the lighthouse counts the ships that pass, one by one. " * 250
"""Some 4,000 tokens: many seconds of prefill."""
ENDLESS = "la " * 50
"""Greedily, the model sings on until its limit."""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    def load_small(progress: Progress) -> Provider:
        return load("starter", LoadOptions(n_ctx=8192, parallel=1, threads=1), progress)

    with serving(load_small) as running:
        yield running


def post(served: Served, prompt: str, **fields: object) -> socket.socket:
    """Send a completion request and don't read its answer."""
    body = json.dumps({"prompt": prompt, "max_tokens": 1000, "stream": True, **fields}).encode()
    head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost:{served.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=20)
    connection.sendall(head.encode() + body)
    return connection


def ended(served: Served, outcome: Outcome) -> int:
    return dict(served.engine.metrics().outcomes)[outcome]


def is_idle(metrics: EngineMetrics) -> bool:
    return metrics.health.active == metrics.health.queued == metrics.provider.cells_used == 0


def wait_until_idle(served: Served) -> None:
    wait_until(lambda: is_idle(served.engine.metrics()), "rows and cells are free")


def test_a_hang_up_in_a_long_prefill_frees_the_row_and_what_was_computed_is_kept(served: Served) -> None:
    before, cancelled = served.engine.metrics(), ended(served, Outcome.CANCELLED)
    with post(served, "First. " + LONG):
        wait_until(lambda: served.engine.metrics().provider.cells_used > 300, "the prefill is under way")
    wait_until_idle(served)
    after = served.engine.metrics()
    assert ended(served, Outcome.CANCELLED) == cancelled + 1
    assert after.generated_tokens == before.generated_tokens
    assert after.provider.prefilled_tokens - before.provider.prefilled_tokens < 3000
    usage = served.complete(("First. " + LONG)[:1500], max_tokens=1).json()["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 200


def test_a_hang_up_in_the_queue_and_one_in_decode(served: Served) -> None:
    cancelled = ended(served, Outcome.CANCELLED)
    generated = served.engine.metrics().generated_tokens
    with post(served, ENDLESS, temperature=0):
        wait_until(lambda: served.engine.metrics().generated_tokens > generated, "it decodes")
        with post(served, "Never started."):
            wait_until(lambda: served.engine.health().queued == 1, "the second one waits")
        wait_until(lambda: served.engine.health().queued == 0, "the queue is empty")
        assert served.engine.health().active == 1
    wait_until_idle(served)
    assert ended(served, Outcome.CANCELLED) == cancelled + 2


def test_a_prefill_out_of_time_is_a_408_that_says_how_far_it_was(served: Served) -> None:
    response = served.complete("Second. " + LONG, max_tokens=1000, timeout=0.8)
    assert response.status_code == 408
    assert "prompt tokens were prefilled" in response.json()["error"]["message"]
    wait_until_idle(served)
    assert ended(served, Outcome.DEADLINE) == 1


def test_a_decode_out_of_time_frees_the_row_for_the_next(served: Served) -> None:
    response = served.complete(ENDLESS, max_tokens=4000, temperature=0, timeout=3)
    assert response.json()["error"]["code"] == "deadline_exceeded"
    assert "tokens were generated" in response.json()["error"]["message"]
    assert served.complete("Short.", max_tokens=2).status_code == 200
    wait_until_idle(served)
