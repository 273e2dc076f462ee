"""POST /v1/chat/completions: the body, checked, as a ChatRequest. Pure.

`reasoning_effort`, `chat_template_kwargs` and their like go to the chat template as variables: a template that doesn't
read them can't answer differently for them, so they are never silently dropped. Fields that would change the answer and
aren't served yet (audio …) are refused by name, unless their value changes nothing.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Tag

from endpoint.conversation import MediaPart, Message, Part, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.protocol.output_format import OutputBody
from endpoint.protocol.requests import ChatRequest
from endpoint.protocol.thinking import Thinking, TokenBudget, choose_budget, thinking_variables
from endpoint.protocol.tools import ToolChoice, WireTool, read_choice, read_tools
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import JsonObject, RoleName, WireModel, by_type, refuse_unless
from endpoint.providers.base import Sampling

_LATER = "is not supported here yet; leave it out"


class ContentPart(WireModel):
    """A part of a message; `text` (or `refusal`) belongs to the type of that name."""

    type: str
    text: str | None = None
    refusal: str | None = None


class FunctionCall(WireModel):
    """The function of a tool call; `arguments` is JSON text."""

    name: str
    arguments: str = ""


class WireToolCall(WireModel):
    """A call that the assistant made."""

    id: str = ""
    function: FunctionCall


Content = Annotated[
    Annotated[str, Tag("a string")] | Annotated[list[ContentPart], Tag("a list")],
    by_type("a string, a list of parts, or null"),
]


class WireMessage(WireModel):
    """One message."""

    role: RoleName
    content: Content | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    name: str | None = None
    tool_calls: list[WireToolCall] | None = None
    tool_call_id: str | None = None


class ChatBody(OutputBody):
    """The body. Anything not listed here is accepted and ignored."""

    messages: Annotated[list[WireMessage], Field(min_length=1)]
    max_completion_tokens: Annotated[int | None, Field(ge=1, description="wins over max_tokens")] = None
    reasoning_effort: str | None = None
    chat_template_kwargs: JsonObject | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int | None, Field(ge=0, le=20)] = None
    enable_thinking: bool | None = None
    continue_final_message: bool | None = None
    add_generation_prompt: bool | None = None
    thinking: Thinking | None = None
    thinking_budget: Annotated[TokenBudget | None, Field(description="tokens of reasoning; -1: any number")] = None
    thinking_budget_tokens: Annotated[TokenBudget | None, Field(description="another name, llama.cpp's")] = None
    tools: list[WireTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = None
    function_call: ToolChoice | None = None
    modalities: list[str] | None = None
    audio: JsonObject | None = None


def read_chat_request(body: bytes, defaults: Sampling) -> ChatRequest:
    """Check the body; what it leaves out of sampling is as in `defaults`. Raises InvalidRequest naming the field."""
    wire = parse_body(body, ChatBody)
    _refuse_unserved(wire)
    limit = wire.max_tokens if wire.max_completion_tokens is None else wire.max_completion_tokens
    return ChatRequest(
        model=wire.model,
        messages=tuple(to_message(message, place) for place, message in enumerate(wire.messages)),
        generation=wire.generation(limit, defaults, (wire.top_logprobs or 0) if wire.logprobs else None),
        delivery=wire.delivery(),
        template_variables=thinking_variables(
            wire.reasoning_effort, wire.enable_thinking, wire.thinking, wire.chat_template_kwargs or {}
        ),
        tools=read_tools(wire.tools, wire.tool_choice),
        parallel_calls=wire.parallel_tool_calls is not False,
        continue_last=_continues(wire),
        thinking_budget=choose_budget(
            wire.thinking_budget,
            wire.thinking_budget_tokens,
            wire.thinking.budget_tokens if wire.thinking is not None else None,
        ),
        tool_choice=read_choice(wire.tool_choice),
    )


def _refuse_unserved(wire: ChatBody) -> None:
    instead = "is not supported here: use tools"
    refuse_unless(not wire.functions or wire.function_call == "none", "functions", instead)
    refuse_unless(bool(wire.logprobs) or not wire.top_logprobs, "top_logprobs", "needs logprobs to be true")
    refuse_unless(not wire.modalities or wire.modalities == ["text"], "modalities", "can only be text here")
    refuse_unless(wire.audio is None, "audio", _LATER)


def _continues(wire: ChatBody) -> bool:
    """Whether the answer goes on with the last message (vLLM's and transformers' names for it)."""
    if not wire.continue_final_message:
        needed = "can only be false together with continue_final_message"
        refuse_unless(wire.add_generation_prompt is not False, "add_generation_prompt", needed)
        return False
    refuse_unless(not wire.add_generation_prompt, "add_generation_prompt", "must be false with continue_final_message")
    last = wire.messages[-1]
    if last.role != "assistant" or last.tool_calls:
        raise InvalidRequest(
            "continue_final_message needs a last message that is the assistant's, without tool calls.",
            "continue_final_message",
        )
    return True


def to_message(wire: WireMessage, place: int) -> Message:
    """The message at `place` of a request. Raises InvalidRequest naming the field."""
    parts = _to_parts(wire.content, f"messages[{place}].content")
    if not parts and wire.refusal:
        parts = (TextPart(wire.refusal),)
    calls = tuple(ToolCall(call.id, call.function.name, call.function.arguments) for call in wire.tool_calls or ())
    role = Role(wire.role)
    if wire.content is None and role not in {Role.ASSISTANT, Role.TOOL}:
        raise InvalidRequest(f"messages[{place}].content is required.", f"messages[{place}].content")
    return Message(role, parts, wire.name, calls, wire.tool_call_id, wire.reasoning_content or wire.reasoning)


def _to_parts(content: str | list[ContentPart] | None, path: str) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (TextPart(content),)
    return tuple(_to_part(part, f"{path}[{number}]") for number, part in enumerate(content or ()))


def _to_part(part: ContentPart, path: str) -> Part:
    if part.type not in {"text", "input_text", "output_text", "refusal"}:
        return MediaPart(part.type)
    text = part.refusal if part.type == "refusal" else part.text
    if text is None:
        raise InvalidRequest(f"{path}.text is required.", f"{path}.text")
    return TextPart(text)
