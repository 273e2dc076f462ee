"""Makes a conversation with tools fit a template that can't take it as it is. Pure.

What the template would refuse or silently leave out is put in a form that it takes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from endpoint.conversation import Message, Role, TextPart
from endpoint.text.tools.as_text import describe_tools, write_calls
from endpoint.text.tools.dialect import Dialect
from endpoint.text.tools.values import to_json

SHORT_ID = 9


def fit_messages(messages: Sequence[Message], tools: Sequence[Mapping[str, object]], dialect: Dialect) -> list[Message]:
    """The conversation as the template takes it; `tools` as OpenAI lists them."""
    if not dialect.writes_calls:
        messages = write_calls(messages, dialect.calls)
    elif not dialect.writes_several:
        messages = _split_calls(messages)
    if dialect.writes_calls and not dialect.writes_beside_text:
        messages = [part for message in messages for part in _part_text(message)]
    if not dialect.writes_thought_and_text:
        messages = [_join_thought(message) for message in messages]
    if not dialect.takes_bad_arguments:
        messages = [_mend_arguments(message) for message in messages]
    if not dialect.takes_long_ids:
        messages = [_shorten_ids(message) for message in messages]
    if tools and not dialect.shows_tools:
        return [Message(Role.SYSTEM, (TextPart(describe_tools(tools, dialect.example)),)), *messages]
    return list(messages)


def _split_calls(messages: Sequence[Message]) -> list[Message]:
    """A turn for each call, each with its own result right after it."""
    fitted: list[Message] = []
    taken: set[int] = set()
    for place, message in enumerate(messages):
        if place in taken:
            continue
        if len(message.tool_calls) < 2:
            fitted.append(message)
            continue
        for number, call in enumerate(message.tool_calls):
            turn = replace(message, tool_calls=(call,))
            fitted.append(turn if number == 0 else replace(turn, parts=(), reasoning=None))
            result = _find_result(messages, place, call.id)
            if result is not None and result not in taken:
                taken.add(result)
                fitted.append(messages[result])
    return fitted


def _find_result(messages: Sequence[Message], after: int, call_id: str) -> int | None:
    for place in range(after + 1, len(messages)):
        if messages[place].role is not Role.TOOL:
            return None
        if messages[place].tool_call_id == call_id:
            return place
    return None


def _mend_arguments(message: Message) -> Message:
    """Arguments that are no object, inside one: a model's slip mustn't make the conversation unreadable for good."""
    calls = tuple(
        call if _is_object(call.arguments) else replace(call, arguments=to_json({"arguments": call.arguments}))
        for call in message.tool_calls
    )
    return replace(message, tool_calls=calls)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except (ValueError, RecursionError):
        return False


def _shorten_ids(message: Message) -> Message:
    """Nine letters and digits: what Mistral's templates insist on. The same id gives the same one."""
    calls = tuple(replace(call, id=_shorten(call.id)) for call in message.tool_calls)
    call_id = message.tool_call_id
    return replace(message, tool_calls=calls, tool_call_id=None if call_id is None else _shorten(call_id))


def _shorten(call_id: str) -> str:
    if len(call_id) == SHORT_ID and call_id.isascii() and call_id.isalnum():
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:SHORT_ID]


def _part_text(message: Message) -> list[Message]:
    """Text before calls as a turn of its own, where the template would drop the calls."""
    if not (message.tool_calls and any(isinstance(part, TextPart) and part.text for part in message.parts)):
        return [message]
    return [replace(message, tool_calls=()), replace(message, parts=(), reasoning=None)]


def _join_thought(message: Message) -> Message:
    """Text before a call is told as thought, where only one of them is taken: that is how such models write it."""
    if not (message.tool_calls and message.reasoning and message.parts):
        return message
    texts = [message.reasoning, *(part.text for part in message.parts if isinstance(part, TextPart))]
    return replace(message, reasoning="\n\n".join(filter(None, texts)), parts=())
