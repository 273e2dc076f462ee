"""POST /v1/messages: the body, checked, as a ChatRequest (https://docs.anthropic.com/en/api/messages). Pure.

Unknown fields are ignored, and so are those that change no answer here: `metadata`, `context_management`, `container`,
`service_tier`. `cache_control` pins what is computed (`marks.py`). `max_tokens` is required, as Anthropic defines it;
counting tokens doesn't need it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, Tag

from endpoint.conversation import Role
from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind
from endpoint.protocol.anthropic.blocks import TextBlock
from endpoint.protocol.anthropic.conversation import WireMessage, read_conversation, read_system
from endpoint.protocol.anthropic.marks import read_marks
from endpoint.protocol.anthropic.tools import WireChoice, WireTool, read_tools
from endpoint.protocol.requests import ChatRequest, Delivery, Generation
from endpoint.protocol.sampling import DEFAULT_SAMPLING, fill
from endpoint.protocol.thinking import Thinking, thinking_variables
from endpoint.protocol.validation import BYTE_ORDER_MARK, parse_body
from endpoint.protocol.wire import JsonObject, StopString, WireModel, by_type, refuse_unless
from endpoint.providers.base import Sampling
from endpoint.providers.sampling_wish import SamplingWish

System = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[TextBlock], Tag("a list")],
    by_type("a string or a list of text blocks"),
]


class MessageThinking(Thinking):
    """`thinking`; `budget_tokens` belongs to type enabled."""

    budget_tokens: Annotated[int | None, Field(ge=1)] = None


class MessageFormat(WireModel):
    """The form of the answer's text."""

    type: Literal["json_schema"]
    schema_: Annotated[JsonObject, Field(alias="schema")]


class OutputConfig(WireModel):
    """`output_config`; the effort goes to the chat template as `reasoning_effort`."""

    effort: str | None = None
    format: MessageFormat | None = None


class TokenCountBody(WireModel):
    """The body of POST /v1/messages/count_tokens: what makes the prompt. Anything not listed is ignored."""

    model: str | None = None
    messages: Annotated[list[WireMessage], Field(min_length=1)]
    system: System | None = None
    tools: list[WireTool] | None = None
    tool_choice: WireChoice | None = None
    thinking: MessageThinking | None = None
    output_config: OutputConfig | None = None
    output_format: Annotated[MessageFormat | None, Field(description="the older name of output_config.format")] = None
    chat_template_kwargs: Annotated[JsonObject | None, Field(description="variables for the chat template; ours")] = (
        None
    )
    mcp_servers: Annotated[list[Any] | None, Field(description="only an empty list is served")] = None


class MessageBody(TokenCountBody):
    """The body of POST /v1/messages. Anything not listed is accepted and ignored."""

    max_tokens: Annotated[int, Field(ge=1)]
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    top_p: Annotated[float | None, Field(ge=0, le=1)] = None
    top_k: Annotated[int | None, Field(ge=-1, le=1_000_000, description="0 and -1: off")] = None
    stop_sequences: Annotated[list[StopString] | None, Field(max_length=16)] = None
    stream: bool | None = None
    seed: Annotated[int | None, Field(ge=-(2**63), le=2**63 - 1, description="ours")] = None
    timeout: Annotated[
        float | None, Field(gt=0, allow_inf_nan=False, description="seconds until the answer must be whole; ours")
    ] = None


def read_message_request(body: bytes, defaults: Sampling) -> ChatRequest:
    """Check the body; what it leaves out of sampling is as in `defaults`. Raises InvalidRequest naming the field."""
    wire = parse_body(body, MessageBody)
    generation = Generation(
        wire.max_tokens,
        _to_sampling(wire, defaults),
        tuple(wire.stop_sequences or ()),
        wire.timeout,
        _to_output(wire),
        cache=read_marks(orjson.loads(body.removeprefix(BYTE_ORDER_MARK))) if b'"cache_control"' in body else None,
    )
    return _to_chat(wire, generation, Delivery(bool(wire.stream)))


def read_token_count_request(body: bytes) -> ChatRequest:
    """Check the body of a count, as a request for the shortest answer. Raises InvalidRequest naming the field."""
    wire = parse_body(body, TokenCountBody)
    return _to_chat(wire, Generation(1, DEFAULT_SAMPLING, output=_to_output(wire)), Delivery())  # nothing is drawn


def _to_chat(wire: TokenCountBody, generation: Generation, delivery: Delivery) -> ChatRequest:
    refuse_unless(not wire.mcp_servers, "mcp_servers", "can't be reached from here: connect to them in your client")
    messages = (*read_system(wire.system or ()), *read_conversation(wire.messages))
    if not messages:
        raise InvalidRequest("messages say nothing: there is only what belongs to Anthropic's own service.", "messages")
    offer = read_tools(wire.tools or (), wire.tool_choice)
    effort = wire.output_config.effort if wire.output_config is not None else None
    thinking = wire.thinking
    return ChatRequest(
        model=wire.model,
        messages=messages,
        generation=generation,
        delivery=delivery,
        template_variables=thinking_variables(effort, None, thinking, wire.chat_template_kwargs or {}),
        tools=offer.tools,
        parallel_calls=offer.parallel_calls,
        tool_choice=offer.choice,
        thinking_budget=thinking.budget_tokens if thinking is not None and thinking.type == "enabled" else None,
        continue_last=messages[-1].role is Role.ASSISTANT and not messages[-1].tool_calls,
    )


def _to_sampling(wire: MessageBody, defaults: Sampling) -> Sampling:
    wish = SamplingWish(temperature=wire.temperature, top_p=wire.top_p, top_k=wire.top_k)
    return replace(fill(wish, defaults), seed=wire.seed)


def _to_output(wire: TokenCountBody) -> OutputFormat | None:
    if wire.output_config is not None and wire.output_config.format is not None:
        return OutputFormat(OutputKind.JSON_SCHEMA, "output_config.format", wire.output_config.format.schema_)
    if wire.output_format is not None:
        return OutputFormat(OutputKind.JSON_SCHEMA, "output_format", wire.output_format.schema_)
    return None
