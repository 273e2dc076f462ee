"""What a chat template can do, found by rendering small conversations: no list of known models. Pure.

llama.cpp finds out the same way (common/chat.cpp, "caps"). Four to eight renders, once a model.
"""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.errors import InvalidRequest
from endpoint.text.sandbox.ledger import Limits
from endpoint.text.template import ChatTemplate, WireMessage

_NEEDLE = "qzNeedleqz"
_QUICK = Limits(steps=100_000, made=2_000_000, value=1_000_000, seconds=2.0)


@dataclass(frozen=True, slots=True)
class Traits:
    """`system_role`: has one. `content_as_parts`: wants a list of parts, no string. `object_arguments`: wants a tool
    call's arguments parsed. `null_content`: wants null, not "", beside tool calls. `reasoning_field`: where it
    looks for an earlier turn's reasoning."""

    system_role: bool = True
    content_as_parts: bool = False
    object_arguments: bool = True
    null_content: bool = False
    reasoning_field: str = "reasoning_content"


def find_traits(template: ChatTemplate) -> Traits:
    """Try the template. Raises TemplateFailed when it does too much work even for one short message."""
    content: object = _NEEDLE
    as_parts = not _shows(template, [_user(content)])
    if as_parts:
        content = [{"type": "text", "text": _NEEDLE}]
        as_parts = _shows(template, [_user(content)])
    filler: object = [{"type": "text", "text": "hi"}] if as_parts else "hi"
    system: WireMessage = {"role": "system", "content": content if as_parts else _NEEDLE}
    with_system = _shows(template, [system, _user(filler)])
    for as_object in (True, False):
        for null in (False, True):
            if _shows(template, [_user(filler), _tool_call(as_object, null)]):
                return Traits(with_system, as_parts, as_object, null)
    return Traits(with_system, as_parts)


def _shows(template: ChatTemplate, messages: list[WireMessage]) -> bool:
    try:
        return _NEEDLE in template.render(messages, limits=_QUICK)
    except InvalidRequest:
        return False


def _user(content: object) -> WireMessage:
    return {"role": "user", "content": content}


def _tool_call(as_object: bool, null: bool) -> WireMessage:
    arguments = {"key": _NEEDLE} if as_object else f'{{"key": "{_NEEDLE}"}}'
    function = {"name": "probe", "arguments": arguments}
    call = {"id": "call00001", "type": "function", "function": function}
    return {"role": "assistant", "content": None if null else "", "tool_calls": [call]}
