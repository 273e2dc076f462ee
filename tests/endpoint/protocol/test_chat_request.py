from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.conversation import MediaPart, Message, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.protocol.chat_request import ChatBody, read_chat_request
from endpoint.protocol.requests import ChatRequest, Delivery
from endpoint.protocol.sampling import DEFAULT_SAMPLING
from endpoint.providers.base import Sampling

USER = {"role": "user", "content": "hi"}


def read(**fields: object) -> ChatRequest:
    return read_chat_request(json.dumps({"messages": [USER], **fields}).encode(), DEFAULT_SAMPLING)


def read_message(**fields: object) -> Message:
    return read(messages=[fields]).messages[0]


def test_a_bare_request_has_llama_cpps_sampling_defaults() -> None:
    request = read()
    assert request.messages == (Message(Role.USER, (TextPart("hi"),)),)
    assert request.generation.sampling == Sampling(temperature=0.8, top_p=0.95, top_k=40, min_p=0.05)
    assert (request.generation.max_tokens, request.generation.stop) == (None, ())
    assert (request.model, request.delivery, request.template_variables) == (None, Delivery(), {})


def test_every_sampling_field_arrives() -> None:
    sampling = read(
        temperature=0,
        top_p=0.5,
        top_k=40,
        min_p=0.05,
        repetition_penalty=1.1,
        frequency_penalty=-2,
        presence_penalty=2,
        seed=-7,
    ).generation.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0.0, 0.5, 40, 0.05)
    assert (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty) == (1.1, -2.0, 2.0)
    assert sampling.seed == -7


def test_the_repetition_penalty_has_two_names() -> None:
    assert read(repeat_penalty=1.2).generation.sampling.repeat_penalty == 1.2
    assert read(repeat_penalty=1.2, repetition_penalty=1.3).generation.sampling.repeat_penalty == 1.3


def test_the_token_limit_has_two_names_and_the_newer_wins() -> None:
    assert read(max_tokens=5).generation.max_tokens == 5
    assert read(max_completion_tokens=6).generation.max_tokens == 6
    assert read(max_tokens=5, max_completion_tokens=6).generation.max_tokens == 6


@pytest.mark.parametrize(("stop", "strings"), [("a", ("a",)), (["a", "b"], ("a", "b")), ([], ()), (None, ())])
def test_stop_is_a_string_or_a_list(stop: object, strings: tuple[str, ...]) -> None:
    assert read(stop=stop).generation.stop == strings


def test_usage_in_a_stream_has_to_be_asked_for() -> None:
    assert read(stream=True).delivery == Delivery(stream=True)
    assert read(stream=True, stream_options={"include_usage": True}).delivery == Delivery(True, True)
    assert read(stream=True, stream_options={}).delivery == Delivery(stream=True)


def test_reasoning_effort_and_template_arguments_become_template_variables() -> None:
    assert read(reasoning_effort="low").template_variables == {"reasoning_effort": "low"}
    both = read(reasoning_effort="low", chat_template_kwargs={"enable_thinking": False, "reasoning_effort": "high"})
    assert both.template_variables == {"enable_thinking": False, "reasoning_effort": "high"}


def test_parts_are_kept_in_order_and_by_kind() -> None:
    message = read_message(
        role="user", content=[{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:"}}]
    )
    assert message.parts == (TextPart("a"), MediaPart("image_url"))


@pytest.mark.parametrize("content", [{}, {"content": None}, {"content": ""}, {"content": []}])
def test_content_beside_tool_calls_may_be_missing_null_or_empty(content: dict[str, object]) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = read_message(role="assistant", tool_calls=[call], **content)
    assert message.tool_calls == (ToolCall("1", "f", "{}"),)
    assert "".join(part.text for part in message.parts if isinstance(part, TextPart)) == ""


def test_a_tool_result_may_be_an_array() -> None:
    message = read_message(role="tool", tool_call_id="1", content=[{"type": "text", "text": "42"}])
    assert message == Message(Role.TOOL, (TextPart("42"),), tool_call_id="1")


def test_a_refusal_is_what_the_assistant_said() -> None:
    for fields in ({"content": None, "refusal": "No."}, {"content": [{"type": "refusal", "refusal": "No."}]}):
        assert read_message(role="assistant", **fields).parts == (TextPart("No."),)
    assert read_message(role="assistant", content="Yes", refusal=None).parts == (TextPart("Yes"),)


def test_a_body_with_a_byte_order_mark_is_read() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"messages": [USER]}).encode()
    assert read_chat_request(body, DEFAULT_SAMPLING).messages[0].role is Role.USER


words = st.text(alphabet="ab1é", max_size=5)  # all of Unicode takes two seconds to prepare and tells no more here
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(words, children, max_size=3),
    max_leaves=6,
)
message_fields = ("role", "content", "name", "tool_calls", "tool_call_id", "refusal")
message_values = st.fixed_dictionaries({}, optional=dict.fromkeys(message_fields, json_values))


def refusal_of(body: object) -> InvalidRequest | None:
    """Why a body is refused; any other exception is a bug and passes through."""
    try:
        read_chat_request(json.dumps(body).encode(), DEFAULT_SAMPLING)
    except InvalidRequest as error:
        return error
    return None


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ChatBody.model_fields)), json_values, max_size=4), st.booleans())
def test_whatever_a_field_holds_it_is_read_or_refused_by_name(fields: dict[str, object], with_messages: bool) -> None:
    refusal = refusal_of({**({"messages": [USER]} if with_messages else {}), **fields})
    if refusal is not None:
        assert refusal.param is not None
        assert "\n" not in str(refusal)
        assert len(str(refusal)) < 400


@settings(derandomize=True, deadline=None)
@given(st.lists(message_values | json_values, max_size=3))
def test_whatever_the_messages_are_they_are_read_or_the_place_is_named(messages: list[object]) -> None:
    refusal = refusal_of({"messages": messages})
    if refusal is not None:
        assert refusal.param is not None
        assert refusal.param.startswith("messages")
