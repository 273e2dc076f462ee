"""`n` above 1 and several prompts: one reply with several choices."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion as OpenAIChat

from endpoint.protocol.schemas import ChatCompletion, Completion
from endpoint.providers import fake
from endpoint.providers.base import Event, Failed, Provider, Sampled
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until


def test_each_choice_is_whole_and_the_prompt_counts_once(served: Served) -> None:
    body = served.chat("hello", n=3).json()
    OpenAIChat.model_validate(body, strict=True)
    reply = ChatCompletion.model_validate(body)
    assert [choice.index for choice in reply.choices] == [0, 1, 2]
    assert {choice.message.content for choice in reply.choices} == {"hello"}
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (5, 18, 23)


@pytest.mark.parametrize("include_usage", [False, True])
def test_a_stream_interleaves_the_choices(served: Served, include_usage: bool) -> None:
    events = read_events(served.chat("hello", n=3, stream=True, stream_options={"include_usage": include_usage}))
    assert events[-1] == "[DONE]"
    choices = [choice for event in events[:-1] for choice in event["choices"]]
    texts = dict.fromkeys(range(3), "")
    for choice in choices:
        texts[choice["index"]] += choice["delta"].get("content") or ""
    assert texts == dict.fromkeys(range(3), "hello")
    assert Counter(choice["index"] for choice in choices if "role" in choice["delta"]) == {0: 1, 1: 1, 2: 1}
    assert Counter(choice["finish_reason"] for choice in choices)["stop"] == 3
    starts = [choice["index"] for choice in choices if choice["delta"].get("content")]
    assert starts[:3] != [0, 0, 0]  # they go on side by side
    usages = [event["usage"] for event in events[:-1] if event.get("usage")]
    assert usages == [events[-2]["usage"]]
    assert (usages[0]["prompt_tokens"], usages[0]["completion_tokens"]) == (5, 18)


def test_several_prompts_have_their_choices_in_order(served: Served) -> None:
    reply = Completion.model_validate(served.complete(["ab", "cde"], n=2).json())
    assert [(choice.index, choice.text) for choice in reply.choices] == [(0, "ab"), (1, "ab"), (2, "cde"), (3, "cde")]
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (5, 14)
    tokens = Completion.model_validate(served.complete([[97], [98, 99]]).json())
    assert [choice.text for choice in tokens.choices] == ["a", "bc"]


def test_more_choices_than_rows_wait_for_their_turn() -> None:
    with serving(load_fake(parallel=2)) as served:
        assert len(served.chat("hello", n=16).json()["choices"]) == 16
        assert len(read_events(served.chat("hello", n=16, stream=True))) == 16 * 7 + 1


def test_a_long_prompt_is_computed_once(served: Served) -> None:
    before = served.engine.metrics().provider.prefilled_tokens
    assert served.chat("x" * 1000, n=4, max_tokens=2).status_code == 200
    wait_until(lambda: served.engine.health().active == 0, "all have ended")
    assert served.engine.metrics().provider.prefilled_tokens - before < 1500  # of 4,000


class _SeedProvider(fake.FakeProvider):
    """Says its job's seed."""

    def step(self) -> list[Event]:
        return [
            Sampled(event.job_id, 48 + (self._rows[event.job_id].job.sampling.seed or 0))
            if isinstance(event, Sampled) and event.token != fake.END
            else event
            for event in super().step()
        ]


class _FailingProvider(fake.FakeProvider):
    """Gives up the second job at its second token."""

    def step(self) -> list[Event]:
        return [self._break(event) for event in super().step()]

    def _break(self, event: Event) -> Event:
        if event.job_id != 2 or self._rows[2].emitted < 2:
            return event
        self.cancel(2)
        return Failed(2, "The second one broke.")


def _serving(kind: type[fake.FakeProvider]) -> contextlib.AbstractContextManager[Served]:
    def load(progress: Progress) -> Provider:
        return kind(fake.load("echo", LoadOptions(), progress).info, 8, 0.001)

    return serving(load)


def test_each_choice_has_a_seed_of_its_own() -> None:
    with _serving(_SeedProvider) as served:
        reply = ChatCompletion.model_validate(served.chat("x", n=3, seed=4).json())
        assert [choice.message.content for choice in reply.choices] == ["4", "5", "6"]


def test_the_failure_of_one_ends_the_answer_and_the_others() -> None:
    with _serving(_FailingProvider) as served:
        events = read_events(served.chat("hello" * 200, n=3, stream=True))
        assert "second one broke" in events[-2]["error"]["message"]
        assert events[-1] == "[DONE]"
        wait_until(lambda: served.engine.health().active == 0, "the others are cancelled")


def test_the_failure_of_one_is_the_whole_answers() -> None:
    with _serving(_FailingProvider) as served:
        response = served.chat("hello" * 200, n=3)
        assert response.status_code == 500
        assert "second one broke" in response.json()["error"]["message"]
        wait_until(lambda: served.engine.health().active == 0, "the others are cancelled")


def test_a_hang_up_ends_all_choices() -> None:
    with serving(load_fake("echo,step_ms=5")) as served:
        body = {"messages": [{"role": "user", "content": "x" * 2000}], "n": 4, "stream": True}
        with served.client.stream("POST", "/v1/chat/completions", json=body) as response:
            pieces = response.iter_bytes()  # kept: it hangs up when it goes
            next(pieces)
            wait_until(lambda: served.engine.health().active == 4, "all run")
        wait_until(lambda: served.engine.health().active == 0, "all have ended")


def test_choices_that_do_not_all_fit_the_queue_are_refused_together() -> None:
    settings = dataclasses.replace(FAKE, max_queue=4)
    with serving(load_fake("echo,step_ms=5", parallel=1), settings) as served:
        assert served.chat("x" * 500, n=16).status_code == 503
        health = served.engine.health
        wait_until(lambda: health().active == 0 and health().queued == 0, "those that fitted are gone")


def test_choices_that_have_nothing_to_say_stay_alive() -> None:
    settings = dataclasses.replace(FAKE, keep_alive_s=0.02)
    with serving(load_fake("echo,step_ms=100"), settings) as served:
        response = served.chat("abc", n=2, stream=True)
        assert ": keep-alive\n\n" in response.text
        events = read_events(response)
    texts = ["".join(_content(event, index) for event in events[:-1]) for index in range(2)]
    assert texts == ["abc", "abc"]


def _content(event: Any, index: int) -> str:
    return "".join(each["delta"].get("content") or "" for each in event["choices"] if each["index"] == index)


def test_openai_python_sees_all_choices(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=20) as client:
        reply = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "hi"}], n=2)
        assert [choice.message.content for choice in reply.choices] == ["hi", "hi"]
        texts = client.completions.create(model="any", prompt=["a", "b"], n=2)
        assert [choice.text for choice in texts.choices] == ["a", "a", "b", "b"]
