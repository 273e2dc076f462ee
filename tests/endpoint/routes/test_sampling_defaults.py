"""What a request gets that doesn't say how to sample: request > flag > the model's files > llama.cpp's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from endpoint.protocol.sampling import DEFAULT_SAMPLING
from endpoint.protocol.schemas import Model
from endpoint.providers import fake
from endpoint.providers.base import Job, Provider, Reuse, Sampling
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.sampling_wish import SamplingWish
from tests.endpoint.engine.unloading import IDLE_S
from tests.endpoint.serving import FAKE, Served, serving, wait_until

CHAT = {"messages": [{"role": "user", "content": "hello"}]}
RECOMMENDED = SamplingWish(temperature=0.6, top_k=20, repeat_penalty=1.05)
TOLD = SamplingWish(temperature=0.3, presence_penalty=1.5)


class Recording(fake.FakeProvider):
    """Takes down how it was asked to draw."""

    record: Recorder

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Take it down."""
        if not job.background:
            self.record.samplings.append(job.sampling)
        return super().submit(job, reuse)


@dataclass
class Recorder:
    """Loads a model whose files recommend something; `samplings` are those of all its lives, but for what the engine
    does by itself."""

    samplings: list[Sampling] = field(default_factory=list)
    loads: int = 0

    def __call__(self, progress: Progress) -> Provider:
        """Load it."""
        self.loads += 1
        info = replace(fake.load("echo", LoadOptions(), progress).info, sampling=RECOMMENDED)
        provider = Recording(info, parallel=2, step_s=0.0)
        provider.record = self
        return provider


def ask(path: str, **body: object) -> Callable[[Served, dict[str, object]], int]:
    return lambda served, fields: served.client.post(path, json=body | fields).status_code


ROUTES = {
    "chat": ask("/v1/chat/completions", **CHAT),
    "completions": ask("/v1/completions", prompt="hello"),
    "responses": ask("/v1/responses", input="hello"),
    "messages": ask("/v1/messages", max_tokens=5, **CHAT),
}
DEFAULTS = replace(DEFAULT_SAMPLING, temperature=0.3, top_k=20, repeat_penalty=1.05, presence_penalty=1.5)


@pytest.mark.parametrize("post", ROUTES.values(), ids=ROUTES)
def test_each_api_fills_in_the_same_defaults(post: Callable[[Served, dict[str, object]], int]) -> None:
    record = Recorder()
    with serving(record, replace(FAKE, sampling=TOLD)) as served:
        assert post(served, {}) == 200
        assert post(served, {"temperature": 1.5, "top_k": -1}) == 200
    assert record.samplings == [DEFAULTS, replace(DEFAULTS, temperature=1.5, top_k=0)]


def test_a_response_tells_what_it_was_drawn_by() -> None:
    with serving(Recorder(), replace(FAKE, sampling=TOLD)) as served:
        told = served.client.post("/v1/responses", json={"input": "hello"}).json()
    assert (told["temperature"], told["top_p"], told["presence_penalty"]) == (0.3, 0.95, 1.5)


def test_the_model_list_tells_the_defaults_and_what_was_recommended() -> None:
    with serving(Recorder(), replace(FAKE, sampling=TOLD)) as served:
        meta = Model.model_validate(served.client.get("/v1/models/echo").json()).meta
    assert meta.sampling is not None
    assert meta.recommended_sampling is not None
    assert meta.sampling.model_dump() == {
        "temperature": 0.3,
        "top_p": 0.95,
        "top_k": 20,
        "min_p": 0.05,
        "repeat_penalty": 1.05,
        "presence_penalty": 1.5,
        "frequency_penalty": 0.0,
    }
    assert meta.recommended_sampling.model_dump(exclude_none=True) == RECOMMENDED.said()


def test_a_prompt_that_is_computed_for_later_is_not_drawn_by_them() -> None:
    record = Recorder()
    with serving(record) as served:
        served.client.post(
            "/acore/prompt_cache/update", json={"key": "k", "prompt": "Hear, hear. " * 9}
        ).raise_for_status()
    assert {sampling.temperature for sampling in record.samplings} == {0.0}


def test_they_outlive_the_weights() -> None:
    record = Recorder()
    with serving(record, replace(FAKE, idle_unload_s=IDLE_S)) as served:
        wait_until(lambda: served.client.get("/health").json().get("unloaded") is True, "the model has gone")
        assert served.client.get("/v1/models/echo").json()["meta"]["sampling"]["temperature"] == 0.6
        assert served.chat().status_code == 200
    assert record.loads > 1
    assert record.samplings == [replace(DEFAULT_SAMPLING, temperature=0.6, top_k=20, repeat_penalty=1.05)]
