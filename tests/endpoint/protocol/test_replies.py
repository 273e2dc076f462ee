"""Replies as OpenAI's own types and ours read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openai.types import Completion as OpenAICompletion
from openai.types.chat import ChatCompletion as OpenAIChat
from openai.types.chat import ChatCompletionChunk

from endpoint.engine.stream import Usage
from endpoint.protocol import sse
from endpoint.protocol.logprobs import ChatLogprobs, TextLogprobs
from endpoint.protocol.replies import CompletionReply, Family, count_usage, new_id
from endpoint.protocol.reply import Choice, Ending, Written
from endpoint.protocol.schemas import ChatCompletion, Completion
from endpoint.providers.fake import FakeTokenizer
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment

USAGE = Usage(prompt_tokens=7, completion_tokens=3, cached_tokens=5)
STOPPED = Ending("stop", USAGE)


def writer(family: Family, include_usage: bool = False) -> CompletionReply:
    return CompletionReply(family, "id-1", 1_700_000_000, "model", "fp_1", include_usage)


def whole(family: Family, segments: Sequence[Segment], ending: Ending = STOPPED) -> dict[str, object]:
    return writer(family).whole([Choice(Written(segments), ending)])


def parse(frames: bytes) -> list[dict[str, Any]]:
    """The events' data, without the [DONE] that must end them."""
    *events, done = frames.removesuffix(b"\n\n").split(b"\n\n")
    assert done == b"data: [DONE]"
    return [json.loads(event.removeprefix(b"data: ")) for event in events]


def stream(made: CompletionReply, segments: Sequence[Segment], ending: Ending = STOPPED) -> list[dict[str, Any]]:
    return parse(made.opening() + made.write(0, Written(segments)) + made.end(0, ending) + made.close([ending]))


def test_a_whole_chat_reply_is_openais_and_ours() -> None:
    body = whole(Family.CHAT, [Content("Hi")], Ending("length", USAGE))
    assert ChatCompletion.model_validate(body).choices[0].finish_reason == "length"
    parsed = OpenAIChat.model_validate(body, strict=True)
    assert parsed.usage is not None
    assert parsed.usage.total_tokens == 10
    assert parsed.usage.prompt_tokens_details is not None
    assert parsed.usage.prompt_tokens_details.cached_tokens == 5


def test_a_whole_text_reply_is_openais_and_ours() -> None:
    body = whole(Family.TEXT, [Content("Hi")])
    Completion.model_validate(body)
    assert OpenAICompletion.model_validate(body, strict=True).choices[0].text == "Hi"


def test_chat_chunks_are_openais() -> None:
    bodies = stream(writer(Family.CHAT), [Content("Hi")])
    chunks = [ChatCompletionChunk.model_validate(body, strict=True) for body in bodies]
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Hi", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop"]
    assert ["usage" in body for body in bodies] == [False, False, True]


CALLS: list[Segment] = [
    Reasoning("Hm. "),
    Reasoning("So."),
    CallStart(0, "f"),
    CallArguments(0, '{"a":'),
    CallArguments(0, "1}"),
    CallEnd(0),
    CallStart(1, "g"),
    CallEnd(1),
]


def test_calls_and_reasoning_are_in_the_whole_message() -> None:
    body = whole(Family.CHAT, CALLS, Ending("tool_calls", USAGE, reasoning_tokens=2))
    reply = ChatCompletion.model_validate(body)
    message = reply.choices[0].message
    assert (message.content, message.reasoning_content, message.reasoning) == (None, "Hm. So.", "Hm. So.")
    assert [(call.function.name, call.function.arguments) for call in message.tool_calls or ()] == [
        ("f", '{"a":1}'),
        ("g", ""),
    ]
    assert len({call.id for call in message.tool_calls or ()}) == 2
    parsed = OpenAIChat.model_validate(body, strict=True)
    assert parsed.choices[0].finish_reason == "tool_calls"
    assert parsed.usage is not None
    assert parsed.usage.completion_tokens_details is not None
    assert parsed.usage.completion_tokens_details.reasoning_tokens == 2


def test_calls_come_as_deltas_with_index_and_one_id() -> None:
    bodies = stream(writer(Family.CHAT), CALLS)[1:-1]
    deltas = [ChatCompletionChunk.model_validate(body, strict=True).choices[0].delta for body in bodies]
    calls = [call for delta in deltas for call in delta.tool_calls or ()]
    assert [call.index for call in calls] == [0, 0, 0, 1]
    assert [bool(call.id) for call in calls] == [True, False, False, True]
    assert [delta.model_extra for delta in deltas][:1] == [{"reasoning_content": "Hm. ", "reasoning": "Hm. "}]


def test_content_beside_calls_is_kept_and_an_empty_answer_is_no_null() -> None:
    cases: tuple[tuple[list[Segment], str], ...] = (([Content("Hi"), *CALLS], "Hi"), ([], ""))
    for segments, content in cases:
        assert ChatCompletion.model_validate(whole(Family.CHAT, segments)).choices[0].message.content == content


def test_usage_asked_for_comes_last_and_alone() -> None:
    for family in Family:
        bodies = stream(writer(family, include_usage=True), [Content("Hi")])
        assert [body["usage"] is None for body in bodies] == [True] * (len(bodies) - 1) + [False]
        assert bodies[-1]["choices"] == []


def test_text_streams_open_with_text_at_once() -> None:
    assert writer(Family.TEXT).opening() == b""


def test_the_usage_of_several_choices_counts_their_prompt_once() -> None:
    body = writer(Family.CHAT).whole([Choice(Written([Content("Hi")]), STOPPED)] * 2)
    parsed = OpenAIChat.model_validate(body, strict=True)
    assert parsed.usage is not None
    assert (parsed.usage.prompt_tokens, parsed.usage.completion_tokens, parsed.usage.total_tokens) == (7, 6, 13)
    assert [choice.index for choice in parsed.choices] == [0, 1]


TOLD = [TokenLogprobs(97, -0.5), TokenLogprobs(98, -0.25)]


def telling(family: Family) -> CompletionReply:
    shape = ChatLogprobs(FakeTokenizer()) if family is Family.CHAT else TextLogprobs(FakeTokenizer())
    return replace(writer(family), logprobs=shape)


def test_log_probabilities_come_once_with_the_first_segment() -> None:
    made = telling(Family.CHAT)
    frames = made.write(0, Written([Reasoning("a"), Content("b")], TOLD)) + sse.DONE
    first, second = [ChatCompletionChunk.model_validate(body, strict=True).choices[0] for body in parse(frames)]
    assert first.logprobs is not None
    assert [each.token for each in first.logprobs.content or ()] == ["a", "b"]
    assert second.logprobs is None


def test_log_probabilities_of_markup_come_in_a_chunk_that_says_nothing() -> None:
    for family, empty in ((Family.CHAT, {"delta": {}}), (Family.TEXT, {"text": ""})):
        (body,) = parse(telling(family).write(0, Written([], TOLD)) + sse.DONE)
        assert body["choices"][0].items() >= empty.items()
        assert body["choices"][0]["logprobs"] is not None


def test_the_last_choice_to_end_brings_the_usage_of_all() -> None:
    made = replace(writer(Family.CHAT), choices=2, each=2)
    bodies = parse(made.end(1, STOPPED) + made.end(0, STOPPED) + made.close([STOPPED, STOPPED]))
    assert "usage" not in bodies[0]
    assert (bodies[1]["usage"]["prompt_tokens"], bodies[1]["usage"]["completion_tokens"]) == (7, 6)


def test_several_prompts_are_all_counted() -> None:
    usage = count_usage([STOPPED] * 4, each=2)
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (14, 12)


def test_ids_say_their_family_and_never_repeat() -> None:
    ids = {new_id(Family.CHAT) for _ in range(100)}
    assert len(ids) == 100
    assert all(each.startswith("chatcmpl-") for each in ids)
    assert new_id(Family.TEXT).startswith("cmpl-")
