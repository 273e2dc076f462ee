"""POST /v1/responses: from the checked body to a ChatRequest. Pure.

Two steps, for the conversation may go on from one that is kept: `read_responses_request` checks the body,
`write_chat_request` puts the whole conversation together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart
from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.responses.body import ResponsesBody, TextFormat
from endpoint.protocol.responses.items import Item, write_messages
from endpoint.protocol.responses.tools import Toolbox, read_toolbox
from endpoint.protocol.thinking import thinking_variables
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import refuse_unless
from endpoint.providers.base import Sampling

_ELSEWHERE = "is not served here; send the conversation as `input`, or use previous_response_id"


def read_responses_request(body: bytes) -> ResponsesBody:
    """Check the body. Raises InvalidRequest naming the field."""
    wire = parse_body(body, ResponsesBody)
    refuse_unless(wire.n in {None, 1}, "n", "can only be 1 here")
    refuse_unless(not wire.background, "background", "is not served here; leave it out")
    refuse_unless(wire.conversation is None, "conversation", _ELSEWHERE)
    refuse_unless(wire.prompt is None, "prompt", "names a template that OpenAI keeps; send `instructions` and `input`")
    instead = "is not served on this route; /v1/chat/completions has logprobs"
    refuse_unless(not wire.top_logprobs, "top_logprobs", instead)
    refuse_unless("message.output_text.logprobs" not in (wire.include or ()), "include", instead)
    if wire.input is None and wire.previous_response_id is None:
        raise InvalidRequest("input is required.", "input")
    return wire


def read_tools(wire: ResponsesBody) -> Toolbox:
    """What the model may call, and must. Raises InvalidRequest naming the field."""
    return read_toolbox(wire.tools, wire.tool_choice)


def write_chat_request(wire: ResponsesBody, toolbox: Toolbox, items: Sequence[Item], defaults: Sampling) -> ChatRequest:
    """The request for a conversation of these items; instructions come first and aren't part of it. What it leaves out
    of sampling is as in `defaults`. Raises InvalidRequest."""
    effort = wire.reasoning.effort if wire.reasoning is not None else None
    generation = replace(wire.generation(wire.max_output_tokens, defaults), output=_read_format(wire), choices=1)
    return ChatRequest(
        model=wire.model,
        messages=(*_instructions(wire.instructions), *write_messages(items)),
        generation=generation,
        delivery=wire.delivery(),
        template_variables=thinking_variables(effort, None, None, wire.chat_template_kwargs or {}),
        tools=toolbox.tools,
        parallel_calls=wire.parallel_tool_calls is not False,
        tool_choice=toolbox.choice,
    )


def _instructions(text: str | None) -> tuple[Message, ...]:
    return (Message(Role.SYSTEM, (TextPart(text),)),) if text else ()


def _read_format(wire: ResponsesBody) -> OutputFormat | None:
    wished = wire.text.format if wire.text is not None else None
    if wished is None or wished.type == "text":
        return None
    if wished.type == "json_object":
        return OutputFormat(OutputKind.JSON_OBJECT, "text.format")
    return OutputFormat(OutputKind.JSON_SCHEMA, "text.format.schema", _schema(wished), wished.strict is False)


def _schema(wished: TextFormat) -> dict[str, object]:
    if wished.schema_ is None:
        raise InvalidRequest("text.format.schema is required.", "text.format.schema")
    return wished.schema_
