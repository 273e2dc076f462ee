"""Anthropic's messages as our conversation. Pure.

A user message with results becomes a tool message for each, in their order, then a user message with its text. A system
message after the assistant's first stays where it is, as a reminder in a user message: put into the system prompt, it
would change the beginning that the conversation's turns share. Blocks of tools that run at Anthropic are skipped;
images, documents and whatever else would change the answer are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.protocol.anthropic.blocks import (
    Block,
    Content,
    OtherBlock,
    ResultContent,
    TextBlock,
    ThinkingBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from endpoint.protocol.wire import WireModel

_BILLING = "x-anthropic-billing-header:"
"""Claude Code's first system block: a note for Anthropic's books that differs in each request. To a model it says
nothing, and with it no two prompts would begin alike."""
_REMINDER = "<system-reminder>\n{text}\n</system-reminder>"
"""How Claude Code itself writes to a model that takes no system message in mid-conversation."""
_SERVICE_BLOCKS = frozenset({"redacted_thinking", "server_tool_use", "mcp_tool_use"})


class WireMessage(WireModel):
    """One message."""

    role: Literal["user", "assistant", "system"]
    content: Content


def is_billing(text: str) -> bool:
    """Whether a text of the system prompt is that note."""
    return text.startswith(_BILLING)


def read_system(system: str | Iterable[TextBlock]) -> tuple[Message, ...]:
    """The system prompt as a message; none when there is no text."""
    texts = [system] if isinstance(system, str) else [block.text for block in system]
    parts = tuple(TextPart(text) for text in texts if text and not is_billing(text))
    return (Message(Role.SYSTEM, parts),) if parts else ()


def read_conversation(messages: Sequence[WireMessage]) -> tuple[Message, ...]:
    """The messages, none of them empty; the assistant's in a row are one. Raises InvalidRequest naming the block."""
    read: list[Message] = []
    has_spoken = False  # the assistant
    for place, wire in enumerate(messages):
        for message in _read_message(wire, f"messages[{place}].content"):
            if read and message.role is Role.ASSISTANT and read[-1].role is Role.ASSISTANT:
                read[-1] = _join(read[-1], message)
            else:
                has_spoken = has_spoken or message.role is Role.ASSISTANT
                read.append(_remind(message) if message.role is Role.SYSTEM and has_spoken else message)
    return tuple(read)


def _remind(message: Message) -> Message:
    parts = [part for part in message.parts if isinstance(part, TextPart)]
    return Message(Role.USER, tuple(TextPart(_REMINDER.format(text=part.text)) for part in parts))


def _read_message(wire: WireMessage, path: str) -> Iterable[Message]:
    blocks = [TextBlock(type="text", text=wire.content)] if isinstance(wire.content, str) else wire.content
    match wire.role:
        case "user":
            return _read_user(blocks, path)
        case "assistant":
            return _read_assistant(blocks, path)
        case "system":
            return read_system(_only_text(blocks, path))


def _read_user(blocks: Sequence[Block], path: str) -> list[Message]:
    results: list[Message] = []
    parts: list[TextPart] = []
    for number, block in enumerate(blocks):
        match block:
            case TextBlock():
                parts.append(TextPart(block.text))
            case ToolResultBlock():
                results.append(_read_result(block, f"{path}[{number}].content"))
            case _:
                _skip(block, f"{path}[{number}]")
    return [*results, Message(Role.USER, tuple(parts))] if parts else results


def _read_result(block: ToolResultBlock, path: str) -> Message:
    text = _read_result_text(block.content, path)
    # Templates know no failed results: the model is told in words.
    return Message(Role.TOOL, (TextPart(f"Error: {text}" if block.is_error else text),), tool_call_id=block.tool_use_id)


def _read_result_text(content: ResultContent | None, path: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for number, block in enumerate(content):
        match block:
            case TextBlock():
                texts.append(block.text)
            case ToolReferenceBlock():
                texts.append(block.tool_name)
            case OtherBlock():
                _skip(block, f"{path}[{number}]")
    return "\n".join(texts)


def _read_assistant(blocks: Sequence[Block], path: str) -> list[Message]:
    parts: list[TextPart] = []
    thoughts: list[str] = []
    calls: list[ToolCall] = []
    for number, block in enumerate(blocks):
        match block:
            case TextBlock():
                parts.append(TextPart(block.text))
            case ThinkingBlock():
                thoughts.append(block.thinking)
            case ToolUseBlock():
                calls.append(ToolCall(block.id, block.name, json.dumps(block.input, ensure_ascii=False)))
            case _:
                _skip(block, f"{path}[{number}]")
    if not (parts or thoughts or calls):
        return []
    reasoning = "\n".join(filter(None, thoughts)) or None
    return [Message(Role.ASSISTANT, tuple(parts), tool_calls=tuple(calls), reasoning=reasoning)]


def _only_text(blocks: Sequence[Block], path: str) -> Iterable[TextBlock]:
    for number, block in enumerate(blocks):
        if isinstance(block, TextBlock):
            yield block
        else:
            _skip(block, f"{path}[{number}]")


def _skip(block: Block, path: str) -> None:
    """Pass over a block that the model can do without. Raises InvalidRequest for every other."""
    kind = block.type
    if isinstance(block, ToolUseBlock | ToolResultBlock | ThinkingBlock):
        raise InvalidRequest(f"{path}: a block of type {kind!r} can't stand in a message of this role.", path)
    if kind not in _SERVICE_BLOCKS and not kind.endswith("_tool_result"):
        raise InvalidRequest(f"{path}: blocks of type {kind!r} can't be used: this model reads text only.", path)


def _join(first: Message, second: Message) -> Message:
    thoughts = "\n".join(filter(None, (first.reasoning, second.reasoning))) or None
    return replace(
        first,
        parts=first.parts + second.parts,
        tool_calls=first.tool_calls + second.tool_calls,
        reasoning=thoughts,
    )
