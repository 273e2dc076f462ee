from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from endpoint.conversation import Role
from endpoint.errors import InvalidRequest
from endpoint.output import OutputKind
from endpoint.protocol.anthropic.request import read_message_request, read_token_count_request
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.sampling import DEFAULT_SAMPLING

HELLO = [{"role": "user", "content": "Hello"}]


def read(**fields: Any) -> ChatRequest:
    body = {"model": "any", "max_tokens": 10, "messages": HELLO, **fields}
    sent = {key: value for key, value in body.items() if value is not ...}
    return read_message_request(json.dumps(sent).encode(), DEFAULT_SAMPLING)


def refused(**fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    return caught.value


def test_a_short_request_has_the_endpoint_s_defaults() -> None:
    chat = read()
    assert chat.model == "any"
    assert (chat.generation.max_tokens, chat.generation.sampling) == (10, DEFAULT_SAMPLING)
    assert (chat.delivery.stream, chat.tools, chat.template_variables, chat.continue_last) == (False, (), {}, False)


def test_sampling_and_stops_are_taken() -> None:
    generation = read(temperature=0, top_p=0.5, top_k=-1, seed=3, stop_sequences=["a", "b"], timeout=9).generation
    sampling = generation.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.seed) == (0, 0.5, 0, 3)
    assert (generation.stop, generation.timeout_s) == (("a", "b"), 9)
    assert sampling.min_p == DEFAULT_SAMPLING.min_p


def test_max_tokens_is_required_but_not_to_count() -> None:
    assert refused(max_tokens=...).param == "max_tokens"
    assert read_token_count_request(json.dumps({"messages": HELLO}).encode()).messages[0].role is Role.USER


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": ["text"]}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": ["text"]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "redacted_thinking", "data": ""}]}]}, "messages"),
        ({"system": [{"type": "image"}]}, "system[0].type"),
        ({"stop_sequences": [""]}, "stop_sequences[0]"),
        ({"thinking": {"type": "enabled", "budget_tokens": 0}}, "thinking.budget_tokens"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
        ({"mcp_servers": [{"type": "url", "url": "https://example.org", "name": "x"}]}, "mcp_servers"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields).param == param


JUNK: tuple[Any, ...] = (None, True, -1, 1e300, "", "x", [], [[]], [None], {}, {"type": "x"}, {"type": []})


def mutations(value: Any) -> Iterator[Any]:
    """The value with each of its parts in turn left out or replaced by something that makes no sense there."""
    yield from JUNK
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            for changed in mutations(part):
                copy = value.copy()
                copy[key] = changed
                yield copy
            copy = value.copy()
            del copy[key]
            yield copy


FULL = {
    "max_tokens": 5,
    "system": [{"type": "text", "text": "S"}],
    "tools": [{"name": "f", "description": "F", "input_schema": {"type": "object"}}, {"type": "web_search_20250305"}],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 5},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    "temperature": 1,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "T", "cache_control": {"type": "ephemeral"}}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "H", "signature": "s"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "R"}]}],
        },
    ],
}


def find_refusal(body: Any) -> InvalidRequest | None:
    try:
        read_message_request(json.dumps(body).encode(), DEFAULT_SAMPLING)
    except InvalidRequest as error:
        return error
    return None


def test_whatever_is_wrong_in_a_body_is_a_refusal_that_names_it() -> None:
    assert find_refusal(FULL) is None
    refusals = [refusal for body in mutations(FULL) if isinstance(body, dict) and (refusal := find_refusal(body))]
    assert len(refusals) > 500
    assert all(refusal.param and "block" not in refusal.param for refusal in refusals)


def test_thinking_reaches_the_template_and_its_budget_the_engine() -> None:
    chat = read(thinking={"type": "enabled", "budget_tokens": 2000})
    assert chat.template_variables == {"enable_thinking": True, "thinking": True, "thinking_mode": "enabled"}
    assert chat.thinking_budget == 2000
    adaptive = read(thinking={"type": "adaptive", "budget_tokens": 5}, output_config={"effort": "low"})
    assert adaptive.template_variables["enable_thinking"] is True
    assert adaptive.template_variables["reasoning_effort"] == "low"
    assert adaptive.thinking_budget is None
    assert read(thinking={"type": "disabled"}).template_variables["enable_thinking"] is False
    assert read(chat_template_kwargs={"x": 1}).template_variables == {"x": 1}


def test_a_form_of_the_answer_has_two_names() -> None:
    wanted = {"type": "json_schema", "schema": {"type": "object"}}
    for fields, param in (
        ({"output_config": {"format": wanted, "effort": None}}, "output_config.format"),
        ({"output_format": wanted}, "output_format"),
    ):
        output = read(**fields).generation.output
        assert output is not None
        assert (output.kind, output.source, output.param) == (OutputKind.JSON_SCHEMA, {"type": "object"}, param)


def test_what_is_anthropic_s_own_changes_nothing() -> None:
    fields = {
        "metadata": {"user_id": "u"},
        "service_tier": "auto",
        "container": "c",
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "mcp_servers": [],
        "betas": ["x"],
    }
    assert read(**fields) == read()


def test_an_assistant_message_at_the_end_is_the_answer_s_beginning() -> None:
    prefill = [*HELLO, {"role": "assistant", "content": "The answer is ("}]
    assert read(messages=prefill).continue_last
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    assert not read(messages=[*HELLO, {"role": "assistant", "content": [call]}]).continue_last


def test_the_system_prompt_comes_first_without_the_note_for_the_books() -> None:
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1; cch=0af31;"},
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
    ]
    messages = read(system=system).messages
    assert [(message.role, [part.text for part in message.parts]) for message in messages] == [  # type: ignore[union-attr]  # text only
        (Role.SYSTEM, ["Be brief."]),
        (Role.USER, ["Hello"]),
    ]
    assert read(system="Be brief.").messages == messages
    assert read(system="").messages == read().messages
