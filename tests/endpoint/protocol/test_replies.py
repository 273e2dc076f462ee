"""Replies as OpenAI's own types and ours read them."""

from __future__ import annotations

from openai.types import Completion as OpenAICompletion
from openai.types.chat import ChatCompletion as OpenAIChat
from openai.types.chat import ChatCompletionChunk

from endpoint.engine.stream import Usage
from endpoint.protocol.replies import Ending, Family, ReplyWriter, new_id
from endpoint.protocol.schemas import ChatCompletion, Completion
from endpoint.segments import Content

USAGE = Usage(prompt_tokens=7, completion_tokens=3, cached_tokens=5)
STOPPED = Ending("stop", USAGE)


def writer(family: Family, include_usage: bool = False) -> ReplyWriter:
    return ReplyWriter(family, "id-1", 1_700_000_000, "model", "fp_1", include_usage)


def test_a_whole_chat_reply_is_openais_and_ours() -> None:
    body = writer(Family.CHAT).whole([Content("Hi")], Ending("length", USAGE))
    assert ChatCompletion.model_validate(body).choices[0].finish_reason == "length"
    parsed = OpenAIChat.model_validate(body, strict=True)
    assert parsed.usage is not None
    assert parsed.usage.total_tokens == 10
    assert parsed.usage.prompt_tokens_details is not None
    assert parsed.usage.prompt_tokens_details.cached_tokens == 5


def test_a_whole_text_reply_is_openais_and_ours() -> None:
    body = writer(Family.TEXT).whole([Content("Hi")], STOPPED)
    Completion.model_validate(body)
    assert OpenAICompletion.model_validate(body, strict=True).choices[0].text == "Hi"


def test_chat_chunks_are_openais() -> None:
    made = writer(Family.CHAT)
    bodies = [*made.first_chunks(), made.chunk(Content("Hi")) or {}, *made.last_chunks(STOPPED)]
    chunks = [ChatCompletionChunk.model_validate(body, strict=True) for body in bodies]
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Hi", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop"]
    assert ["usage" in body for body in bodies] == [False, False, True]


def test_usage_asked_for_comes_last_and_alone() -> None:
    for family in Family:
        made = writer(family, include_usage=True)
        bodies = [*made.first_chunks(), made.chunk(Content("Hi")) or {}, *made.last_chunks(STOPPED)]
        assert [body["usage"] is None for body in bodies] == [True] * (len(bodies) - 1) + [False]
        assert bodies[-1]["choices"] == []


def test_text_streams_open_with_text_at_once() -> None:
    assert writer(Family.TEXT).first_chunks() == ()


def test_ids_say_their_family_and_never_repeat() -> None:
    ids = {new_id(Family.CHAT) for _ in range(100)}
    assert len(ids) == 100
    assert all(each.startswith("chatcmpl-") for each in ids)
    assert new_id(Family.TEXT).startswith("cmpl-")
