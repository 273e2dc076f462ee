"""Log-probabilities through openai-python, over the fake provider, whose tokens are bytes of probability 1/2."""

from __future__ import annotations

import math
from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletion as OpenAIChat
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion import ChoiceLogprobs
from openai.types.chat.chat_completion_chunk import ChoiceLogprobs as ChunkLogprobs
from openai.types.completion_choice import Logprobs

from endpoint.protocol.schemas import ChatCompletion, Completion
from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import Served

HALF = math.log(0.5)


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=20) as made:
        yield made


def told(logprobs: ChoiceLogprobs | ChunkLogprobs | None) -> list[str]:
    assert logprobs is not None
    return [entry.token for entry in logprobs.content or ()]


def told_text(logprobs: Logprobs | None) -> Logprobs:
    assert logprobs is not None
    return logprobs


def test_a_chat_has_an_entry_for_each_token_but_the_end(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "hé"}], logprobs=True, top_logprobs=2
    )
    choice = reply.choices[0]
    assert told(choice.logprobs) == ["h", "\\xc3", "\\xa9"]
    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    first = choice.logprobs.content[0]
    assert (first.logprob, first.bytes) == (HALF, [104])
    assert [(each.token, each.logprob) for each in first.top_logprobs] == [("h", HALF), ("i", 2 * HALF)]
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 4  # the end token was computed too


def test_bodies_and_chunks_are_openais_and_ours(served: Served) -> None:
    body = served.chat("abc", logprobs=True, top_logprobs=1).json()
    ChatCompletion.model_validate(body)
    OpenAIChat.model_validate(body, strict=True)
    assert ChatCompletion.model_validate(served.chat("abc", logprobs=True).json()).choices[0].logprobs is not None
    Completion.model_validate(served.complete("abc", logprobs=1, echo=True).json())
    for event in read_events(served.chat("abc", logprobs=True, stream=True))[:-1]:
        ChatCompletionChunk.model_validate(event, strict=True)


def test_who_does_not_ask_gets_null(served: Served) -> None:
    for body in (served.chat("abc").json(), served.complete("abc").json()):
        assert body["choices"][0]["logprobs"] is None


def test_a_chat_stream_tells_each_token_with_its_text(client: openai.OpenAI) -> None:
    chunks = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "aé"}], logprobs=True, stream=True
    )
    said = [(chunk.choices[0].delta.content, told(chunk.choices[0].logprobs)) for chunk in chunks if _tells(chunk)]
    assert said == [("a", ["a"]), ("é", ["\\xc3", "\\xa9"])]


def _tells(chunk: ChatCompletionChunk) -> bool:
    return bool(chunk.choices) and chunk.choices[0].logprobs is not None


@pytest.mark.parametrize("stop", [None, ["cd"], ["x"]])
def test_a_stream_tells_what_the_whole_answer_tells(client: openai.OpenAI, stop: list[str] | None) -> None:
    chunks = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "abcdef"}], logprobs=True, stream=True, stop=stop
    )
    streamed = [token for chunk in chunks if _tells(chunk) for token in told(chunk.choices[0].logprobs)]
    whole = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "abcdef"}], logprobs=True, stop=stop
    )
    assert streamed == told(whole.choices[0].logprobs) == list("abcd" if stop == ["cd"] else "abcdef")


def test_an_answer_without_tokens_has_an_empty_list(served: Served) -> None:
    body = served.client.post(
        "/v1/chat/completions", json={"messages": [{"role": "user", "content": "<|end|>"}], "logprobs": True}
    ).json()
    assert body["choices"][0]["logprobs"] == {"content": [], "refusal": None}


def test_a_text_completion_has_parallel_lists_with_the_end_token(client: openai.OpenAI) -> None:
    reply = client.completions.create(model="any", prompt="ab", logprobs=1)
    lists = told_text(reply.choices[0].logprobs)
    assert (lists.tokens, lists.text_offset) == (["a", "b", "<|end|>"], [0, 1, 2])
    assert lists.token_logprobs == [HALF] * 3
    assert lists.top_logprobs == [{"a": HALF}, {"b": HALF}, {"<|end|>": HALF}]


def test_a_text_stream_joins_to_the_same_lists(client: openai.OpenAI) -> None:
    whole = told_text(client.completions.create(model="any", prompt="ab", logprobs=1).choices[0].logprobs)
    chunks = list(client.completions.create(model="any", prompt="ab", logprobs=1, stream=True))
    lists = [chunk.choices[0].logprobs for chunk in chunks if chunk.choices[0].logprobs is not None]
    assert [token for each in lists for token in each.tokens or ()] == whole.tokens
    assert [offset for each in lists for offset in each.text_offset or ()] == whole.text_offset


def test_an_echo_comes_before_the_answer(client: openai.OpenAI) -> None:
    assert client.completions.create(model="any", prompt="ab", echo=True).choices[0].text == "abab"
    assert client.completions.create(model="any", prompt=[97, 98], echo=True).choices[0].text == "abab"
    chunks = client.completions.create(model="any", prompt="ab", echo=True, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == "abab"


def test_an_echo_has_its_own_log_probabilities_the_first_null(client: openai.OpenAI) -> None:
    reply = client.completions.create(model="any", prompt="ab", echo=True, logprobs=1, max_tokens=1)
    lists = told_text(reply.choices[0].logprobs)
    assert lists.tokens == ["a", "b", "a"]
    assert lists.token_logprobs == [None, HALF, HALF]
    assert lists.top_logprobs == [None, {"b": HALF}, {"a": HALF}]
    assert lists.text_offset == [0, 1, 2]


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_alone_is_scored(served: Served, stream: bool) -> None:
    response = served.complete(["ab", "cde"], echo=True, logprobs=0, max_tokens=0, stream=stream)
    bodies = read_events(response)[:-1] if stream else [response.json()]
    texts, tokens = ["", ""], [[], []]  # type: list[str], list[list[str]]
    for choice in (choice for body in bodies for choice in body["choices"]):
        texts[choice["index"]] += choice["text"]
        tokens[choice["index"]] += (choice["logprobs"] or {"tokens": []})["tokens"]
    assert (texts, tokens) == (["ab", "cde"], [["a", "b"], ["c", "d", "e"]])
    assert bodies[-1]["usage"]["completion_tokens"] == 0
    assert bodies[-1]["usage"]["prompt_tokens"] == 5


def test_a_prompt_that_is_scored_is_computed_afresh(served: Served) -> None:
    prompt = "a prompt that is long enough to be held for the next request, and then some more of it. " * 3
    for _ in range(2):
        usage = served.complete(prompt, echo=True, logprobs=0, max_tokens=1).json()["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == 0


def test_a_forbidden_token_is_left_out(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "abca"}], logit_bias={"97": -100}
    )
    assert reply.choices[0].message.content == "bc"
    assert client.completions.create(model="any", prompt="abca", logit_bias={"97": -100}).choices[0].text == "bc"
