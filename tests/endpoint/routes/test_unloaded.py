"""HTTP over a model that left memory: what needs it waits for it, what doesn't is answered without it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator

import pytest

from endpoint.errors import LoadError
from endpoint.protocol.schemas import Health
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.engine.unloading import IDLE_S, Loads, at_once
from tests.endpoint.routes.events import join_deltas
from tests.endpoint.routes.test_forms import FORMAT
from tests.endpoint.scraping import parse
from tests.endpoint.serving import FAKE, Served, serving, wait_until

SETTINGS = dataclasses.replace(FAKE, idle_unload_s=IDLE_S, keep_alive_s=0.05)
CHAT = {"messages": [{"role": "user", "content": "hello"}]}


def health(served: Served) -> Health:
    response = served.client.get("/health")
    assert response.status_code == 200
    return Health.model_validate(response.json())


@contextlib.contextmanager
def unloaded(loads: Loads) -> Iterator[Served]:
    """An endpoint whose model has gone."""
    with serving(loads, SETTINGS, open_store=Disk().open) as served:
        try:
            wait_until(lambda: health(served).unloaded is True, "the model has gone")
            yield served
        finally:
            loads.go_on.set()


@pytest.fixture(scope="module")
def loads() -> Loads:
    """Of `resting`."""
    return Loads()


@pytest.fixture(scope="module")
def resting(loads: Loads) -> Iterator[Served]:
    """One endpoint without its model for all that leave it so."""
    with unloaded(loads) as served:
        yield served


def test_an_endpoint_without_its_model_is_healthy_and_says_so(resting: Served) -> None:
    told = health(resting)
    assert (told.status, told.model, told.n_ctx, told.progress) == ("healthy", "echo", 4096, None)
    assert told.memory is not None
    assert (told.memory.weights_bytes, told.memory.kv_bytes, told.memory.prefix_bytes) == (0, 0, 0)
    assert parse(resting.client.get("/metrics").text)["traypoint_model_in_memory"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 200),
        ("GET", "/v1/models", None, 200),
        ("GET", "/v1/models/echo", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/acore/prompt_cache/stats", None, 200),
        ("GET", "/acore/prompt_cache/capabilities", None, 200),
        ("GET", "/acore/prompt_cache/list", None, 200),
        ("GET", "/acore/prompt_cache/recent", None, 200),
        ("POST", "/acore/prompt_cache/clear", {}, 200),
        ("POST", "/acore/prompt_cache/set", {"key": "base"}, 200),
        ("POST", "/tokenize", {"content": "hello"}, 200),
        ("POST", "/tokenize", CHAT, 200),
        ("POST", "/detokenize", {"tokens": [104, 105]}, 200),
        ("POST", "/v1/messages/count_tokens", {"model": "echo", **CHAT}, 200),
        ("POST", "/v1/chat/completions", {"messages": []}, 400),
        ("POST", "/v1/chat/completions", {**CHAT, "temperature": -1}, 400),
        ("POST", "/v1/completions", {"prompt": "x" * 5000}, 400),
        ("POST", "/v1/completions", {"prompt": "x", "logit_bias": {"999": 1}}, 400),
        ("POST", "/v1/embeddings", {"input": ""}, 400),
    ],
)
def test_what_needs_no_weights_is_answered_without_them(
    resting: Served, loads: Loads, method: str, path: str, body: object, status: int
) -> None:
    assert resting.client.request(method, path, json=body).status_code == status
    assert health(resting).unloaded is True
    assert loads.count == 1


def test_a_request_waits_for_the_model_while_health_tells_how_far_it_is() -> None:
    loads = Loads()
    with (
        unloaded(loads) as served,
        served.client.stream("POST", "/v1/chat/completions", json={**CHAT, "stream": True}) as answer,
    ):
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": keep-alive"
        wait_until(lambda: health(served).progress == 0.4, "the load tells how far it is")
        told = health(served)
        assert (told.status, told.unloaded, told.queued) == ("healthy", True, 1)
        loads.go_on.set()
        events = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        assert events[-1] == "[DONE]"
        assert join_deltas([json.loads(event) for event in events[:-1]]) == "hello"


def test_whole_answers_embeddings_forms_and_keys_bring_the_model_back() -> None:
    loads = at_once()
    with unloaded(loads) as served:
        assert served.chat("hello").json()["choices"][0]["message"]["content"] == "hello"
        wait_until(lambda: health(served).unloaded is True, "the model has gone again")
        assert len(served.client.post("/v1/embeddings", json={"input": "hello"}).json()["data"]) == 1
        wait_until(lambda: health(served).unloaded is True, "the model has gone again")
        form = served.chat("What a day!", response_format=FORMAT, max_tokens=100).json()
        assert json.loads(form["choices"][0]["message"]["content"])["city"] in {"Rome", "Oslo"}
        wait_until(lambda: health(served).unloaded is True, "the model has gone again")
        key = served.client.post("/acore/prompt_cache/update", json={"key": "base", "prompt": "Hear, hear. " * 9})
        assert key.status_code == 200
        assert loads.count == 5


def test_a_model_that_does_not_come_back_is_a_503_with_the_reason() -> None:
    loads = Loads(LoadError("The file is gone."))
    loads.go_on.set()
    with unloaded(loads) as served:
        answer = served.chat("hello")
        assert (answer.status_code, answer.json()["error"]["message"]) == (503, "The file is gone.")
        body = served.client.get("/health").json()
        assert (body["status"], body["error"]) == ("failed", "The file is gone.")
