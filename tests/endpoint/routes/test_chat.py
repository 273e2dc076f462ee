"""POST /v1/chat/completions over the fake provider, which answers with its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from endpoint.errors import GenerationFailed
from endpoint.protocol.schemas import ChatCompletion
from endpoint.providers import fake
from endpoint.providers.base import Event, Failed, Job, Reuse
from endpoint.providers.options import Progress
from tests.endpoint.routes.events import join_deltas, read_events
from tests.endpoint.serving import Served, load_fake, serving, serving_while_it_loads


def test_an_answer_has_every_openai_field(served: Served) -> None:
    response = served.chat("hello")
    assert response.status_code == 200
    reply = ChatCompletion.model_validate(response.json())
    assert reply.choices[0].message.content == "hello"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage.prompt_tokens == 5
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
    assert reply.model == "echo"


def test_two_answers_have_different_ids_and_the_same_fingerprint(served: Served) -> None:
    first, second = served.chat().json(), served.chat().json()
    assert first["id"] != second["id"]
    assert first["system_fingerprint"] == second["system_fingerprint"]


def test_an_answer_ends_with_length_at_either_token_limit(served: Served) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        choice = served.chat("hello", **{name: 2}).json()["choices"][0]
        assert (choice["message"]["content"], choice["finish_reason"]) == ("he", "length")


def test_max_completion_tokens_wins_over_max_tokens(served: Served) -> None:
    assert served.chat("hello", max_tokens=4, max_completion_tokens=1).json()["usage"]["completion_tokens"] == 1


def test_a_stop_string_ends_the_answer_and_is_not_in_it(served: Served) -> None:
    choice = served.chat("one two three", stop=["three", "two"]).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("one ", "stop")


def test_a_stream_has_the_role_first_then_text_then_the_reason_and_done(served: Served) -> None:
    events = read_events(served.chat("héllo", stream=True))
    assert events[-1] == "[DONE]"
    chunks = events[:-1]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert join_deltas(events) == "héllo"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert all(chunk["choices"][0]["index"] == 0 and chunk["object"] == "chat.completion.chunk" for chunk in chunks)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1


def test_a_stream_reports_usage_on_its_last_chunk_unasked(served: Served) -> None:
    chunks = read_events(served.chat("hello", stream=True))[:-1]
    assert [("usage" in chunk) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1]["usage"]["prompt_tokens"] == 5


def test_a_stream_reports_usage_in_a_chunk_of_its_own_when_asked(served: Served) -> None:
    chunks = read_events(served.chat("hello", stream=True, stream_options={"include_usage": True}))[:-1]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == 5
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_stream_options_mean_nothing_without_a_stream(served: Served) -> None:
    assert served.chat("hello", stream_options={"include_usage": True}).json()["usage"]["prompt_tokens"] == 5


def test_messages_as_parts_are_read_as_text(served: Served) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert served.chat(parts).json()["choices"][0]["message"]["content"] == "a\nb"


def test_any_model_name_is_served_and_the_answer_names_the_real_one(served: Served) -> None:
    assert served.chat(model="gpt-7").json()["model"] == "echo"


def test_unknown_fields_are_ignored(served: Served) -> None:
    extra = {"store": True, "metadata": {"a": "b"}, "prompt_cache_key": "k", "parallel_tool_calls": True, "user": "u"}
    assert served.chat("hello", **extra).status_code == 200


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer anything", "Basic eDp5"])
def test_no_key_is_needed_on_loopback_whatever_is_sent(served: Served, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization else {}
    body = {"messages": [{"role": "user", "content": "hi"}]}
    assert served.client.post("/v1/chat/completions", json=body, headers=headers).status_code == 200


def test_a_prompt_as_long_as_the_context_is_refused_with_both_counts() -> None:
    with serving(load_fake(n_ctx=64)) as served:
        error = served.chat("x" * 64)
        assert error.status_code == 400
        detail = error.json()["error"]
        assert (detail["code"], detail["param"]) == ("context_length_exceeded", "messages")
        assert "64 tokens" in detail["message"]
        longest = served.chat("x" * 63)
        assert longest.json()["choices"][0]["finish_reason"] == "length"
        assert longest.json()["usage"]["completion_tokens"] == 1


def test_more_tokens_than_fit_are_cut_to_what_is_left() -> None:
    with serving(load_fake(n_ctx=20)) as served:
        reply = served.chat("x" * 15, max_tokens=1000).json()
        assert reply["usage"]["completion_tokens"] == 5
        assert reply["choices"][0]["finish_reason"] == "length"


def test_ten_megabytes_of_prompt_are_refused_while_others_are_served(served: Served) -> None:
    with ThreadPoolExecutor(1) as pool:
        huge = pool.submit(served.chat, "word " * 2_000_000)
        while not huge.done():
            assert served.client.get("/health").status_code == 200
        assert huge.result().json()["error"]["code"] == "context_length_exceeded"
    assert served.chat("hello").status_code == 200


def test_four_streams_at_once_all_end_well(served: Served) -> None:
    texts = [f"conversation number {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: read_events(served.chat(text, stream=True)), texts))
    assert [join_deltas(events) for events in answers] == texts


def test_while_loading_the_answer_is_503_with_retry_after() -> None:
    with serving_while_it_loads() as served:
        response = served.client.post("/v1/chat/completions", content=b"not even JSON")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["error"]["code"] == "model_loading"


class _FailingProvider(fake.FakeProvider):
    """Every job fails at its first step."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(load_fake()(progress).info, parallel=8, step_s=0)
        self._jobs: list[Job] = []

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        self._jobs.append(job)
        return 0

    def step(self) -> Sequence[Event]:
        failed, self._jobs = [Failed(job.id, "the decode went wrong") for job in self._jobs], []
        return failed


def test_a_failure_is_a_500_when_whole_and_an_error_event_when_streamed() -> None:
    with serving(_FailingProvider) as served:
        whole = served.chat()
        assert (whole.status_code, whole.json()["error"]["code"]) == (500, GenerationFailed.code)
        events = read_events(served.chat(stream=True))
        assert "the decode went wrong" in events[-2]["error"]["message"]
        assert events[-1] == "[DONE]"
        assert served.client.get("/health").status_code == 200
