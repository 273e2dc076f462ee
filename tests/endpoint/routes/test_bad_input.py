"""Every bad request gets a 400 that names the field, in OpenAI's shape, and the server lives on."""

from __future__ import annotations

import pytest

from endpoint.protocol.chat_request import ChatBody
from endpoint.protocol.schemas import ErrorReply
from tests.endpoint.serving import Served

USER = {"role": "user", "content": "hi"}
TOOL: dict[str, object] = {"type": "function", "function": {"name": "f"}}
NO_NAME = 'tools[0].function.name must not be an empty string, got "".'
NONE_LEFT = "logit_bias forbids every token of this model."
TOO_MANY = "logit_bias must have at most 1024 entries, got 1025."
OPEN_TURN = "add_generation_prompt can only be false together with continue_final_message."
CLOSED_TURN = "add_generation_prompt must be false with continue_final_message."
NO_LAST = "continue_final_message needs a last message that is the assistant's, without tool calls."
UNKNOWN_CHOICE = 'tool_choice must be "none", "auto", "required", a function by its name, or allowed_tools.'
UNKNOWN_FORMAT = 'response_format.type must be "text", "json_object" or "json_schema", got \'xml\'.'


FIELDS: list[tuple[dict[str, object], str, str]] = [
    ({"temperature": 99}, "temperature", "temperature must be between 0 and 2, got 99."),
    ({"temperature": "hot"}, "temperature", 'temperature must be a number, got "hot".'),
    ({"temperature": True}, "temperature", "temperature must be a number, got true."),
    ({"max_tokens": -1}, "max_tokens", "max_tokens must be at least 1, got -1."),
    ({"max_tokens": 0}, "max_tokens", "max_tokens must be at least 1, got 0."),
    ({"max_tokens": 1.5}, "max_tokens", "max_tokens must be an integer, got 1.5."),
    ({"max_completion_tokens": -1}, "max_completion_tokens", "max_completion_tokens must be at least 1, got -1."),
    ({"top_p": 2}, "top_p", "top_p must be between 0 and 1, got 2."),
    ({"min_p": -1}, "min_p", "min_p must be between 0 and 1, got -1."),
    ({"top_k": -2}, "top_k", "top_k must be between -1 and 1000000, got -2."),
    ({"repetition_penalty": 0}, "repetition_penalty", "repetition_penalty must be above 0 and at most 10, got 0."),
    ({"repeat_penalty": 11}, "repeat_penalty", "repeat_penalty must be above 0 and at most 10, got 11."),
    ({"presence_penalty": 3}, "presence_penalty", "presence_penalty must be between -2 and 2, got 3."),
    ({"frequency_penalty": -3}, "frequency_penalty", "frequency_penalty must be between -2 and 2, got -3."),
    ({"seed": "1"}, "seed", 'seed must be an integer, got "1".'),
    ({"stop": ""}, "stop", 'stop must not be an empty string, got "".'),
    ({"stop": ["a", ""]}, "stop[1]", 'stop[1] must not be an empty string, got "".'),
    ({"stop": ["a"] * 17}, "stop", "stop must have at most 16 items, got a list of 17."),
    ({"stop": 5}, "stop", "stop must be a string or a list of up to 16 strings, got 5."),
    ({"stream": "yes"}, "stream", 'stream must be true or false, got "yes".'),
    ({"stream_options": []}, "stream_options", "stream_options must be an object, got an empty list."),
    ({"model": 5}, "model", "model must be a string, got 5."),
    ({"n": 17}, "n", "n must be between 1 and 16, got 17."),
    ({"n": 0}, "n", "n must be between 1 and 16, got 0."),
    ({"logit_bias": {"257": 5}}, "logit_bias", "logit_bias names token 257; this model's are 0 to 256."),
    ({"logit_bias": {"-1": 5}}, "logit_bias", "logit_bias must be keyed by token numbers, got '-1'."),
    ({"logit_bias": {"1": "x"}}, "logit_bias.1", 'logit_bias.1 must be a number, got "x".'),
    ({"logit_bias": dict.fromkeys(map(str, range(257)), -100)}, "logit_bias", NONE_LEFT),
    ({"logit_bias": dict.fromkeys(map(str, range(1025)), 1)}, "logit_bias", TOO_MANY),
    ({"logprobs": 1}, "logprobs", "logprobs must be true or false, got 1."),
    ({"top_logprobs": 3}, "top_logprobs", "top_logprobs needs logprobs to be true."),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "top_logprobs must be between 0 and 20, got 21."),
    ({"add_generation_prompt": False}, "add_generation_prompt", OPEN_TURN),
    ({"continue_final_message": True}, "continue_final_message", NO_LAST),
    ({"continue_final_message": True, "add_generation_prompt": True}, "add_generation_prompt", CLOSED_TURN),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "tools[0].function is required."),
    ({"tools": [{"type": "custom"}]}, "tools[0].type", "tools[0].type must be 'function', got \"custom\"."),
    ({"tools": [TOOL | {"function": {"name": ""}}]}, "tools[0].function.name", NO_NAME),
    ({"functions": [{"name": "f"}]}, "functions", "functions is not supported here: use tools."),
    ({"tools": [TOOL], "tool_choice": "perhaps"}, "tool_choice", UNKNOWN_CHOICE),
    ({"tools": [], "tool_choice": "required"}, "tool_choice", "tool_choice demands a call, but there are no tools."),
    ({"thinking": True}, "thinking", "thinking must be an object, got true."),
    ({"response_format": {"type": "xml"}}, "response_format.type", UNKNOWN_FORMAT),
    ({"modalities": ["text", "audio"]}, "modalities", "modalities can only be text here."),
    ({"audio": {"voice": "x"}}, "audio", "audio is not supported here yet; leave it out."),
    ({"messages": []}, "messages", "messages must have at least 1 item, got an empty list."),
    ({"messages": None}, "messages", "messages must be a list, got null."),
    ({"messages": "hi"}, "messages", 'messages must be a list, got "hi".'),
    ({"messages": [USER, 1]}, "messages[1]", "messages[1] must be an object, got 1."),
    ({"messages": [{"content": "x"}]}, "messages[0].role", "messages[0].role is required."),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "messages[0].content is required."),
    (
        {"messages": [{"role": "robot", "content": "x"}]},
        "messages[0].role",
        "messages[0].role must be 'system', 'developer', 'user', 'assistant' or 'tool', got \"robot\".",
    ),
    (
        {"messages": [{"role": "user", "content": 5}]},
        "messages[0].content",
        "messages[0].content must be a string, a list of parts, or null, got 5.",
    ),
    (
        {"messages": [USER, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]},
        "messages[1].content[1]",
        "Parts of type 'image_url' can't be used: this model reads text only.",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        "messages[0].content[0].text",
        "messages[0].content[0].text is required.",
    ),
    (
        {"chat_template_kwargs": {"messages": []}},
        "chat_template_kwargs",
        "messages can't be set as a template variable.",
    ),
]


@pytest.mark.parametrize(("fields", "param", "message"), FIELDS, ids=[str(fields)[:50] for fields, _, _ in FIELDS])
def test_a_bad_field_is_named_in_a_plain_sentence(
    served: Served, fields: dict[str, object], param: str, message: str
) -> None:
    response = served.client.post("/v1/chat/completions", json={"messages": [USER], **fields})
    error = ErrorReply.model_validate(response.json()).error
    assert (response.status_code, error.param, error.message) == (400, param, message)
    assert error.type == "invalid_request_error"


NEUTRAL: list[dict[str, object]] = [
    {"n": 1},
    {"logit_bias": {}},
    {"logprobs": False, "top_logprobs": 0},
    {"tools": []},
    {"tools": [TOOL], "tool_choice": "none"},
    {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
    {"thinking": {"type": "disabled"}, "enable_thinking": False, "reasoning_effort": "none"},
    {"tool_choice": "auto"},
    {"response_format": {"type": "text"}},
    {"modalities": ["text"]},
    {"stop": []},
    {"top_k": -1},
    {"reasoning_effort": "low"},
    dict.fromkeys(sorted(set(ChatBody.model_fields) - {"messages"})),
]


@pytest.mark.parametrize("fields", NEUTRAL, ids=[str(fields)[:50] for fields in NEUTRAL])
def test_a_field_at_its_neutral_value_is_fine(served: Served, fields: dict[str, object]) -> None:
    response = served.client.post("/v1/chat/completions", json={"messages": [USER], **fields})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"best_of": 2}, "best_of"), ({"max_tokens": 0}, "max_tokens"), ({"suffix": "x"}, "suffix")],
)
def test_text_completions_refuse_their_own_fields(served: Served, fields: dict[str, object], param: str) -> None:
    response = served.complete("a", **fields)
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


BODIES = {
    "nothing": b"",
    "half an object": b'{"messages": [',
    "a list": b"[]",
    "a number": b"5",
    "not UTF-8": b'{"messages": "\xff\xfe"}',
    "UTF-16": '{"messages": []}'.encode("utf-16"),
    "half a surrogate pair": b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
    "NaN": b'{"messages": [], "temperature": NaN}',
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "1,000 levels": b'{"messages": ' + b"[" * 1000 + b"]" * 1000 + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
def test_a_body_that_is_no_json_object_is_a_400(served: Served, path: str, body: bytes) -> None:
    response = served.client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    ErrorReply.model_validate(response.json())


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_the_content_type_does_not_matter(served: Served, content_type: str) -> None:
    body = (
        b'\xef\xbb\xbf{"messages": [{"role": "user", "content": "hi"}]}'  # with a byte order mark, as PowerShell does
    )
    response = served.client.post("/v1/chat/completions", content=body, headers={"content-type": content_type})
    assert response.status_code == 200


def test_the_server_is_healthy_after_all_that(served: Served) -> None:
    assert served.client.get("/health").json()["status"] == "healthy"
    assert served.chat().status_code == 200
