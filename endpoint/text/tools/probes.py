"""Renders small conversations through a template, to see how it writes an assistant's turn. Pure.

Every name, key, value and text in them is a sentinel: a private-use character stands for it in what is returned, so
that whatever else is there is the template's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.errors import InvalidRequest, TemplateFailed
from endpoint.text.sandbox.ledger import Limits
from endpoint.text.template import ChatTemplate, WireMessage
from endpoint.text.traits import Traits

USER, TEXT, THOUGHT, NAME, NAME_2, KEY, KEY_2, VALUE, VALUE_2, ID, ID_2 = map(chr, range(0xE000, 0xE00B))
SENTINELS = f"{USER}-{ID_2}"
"""As a range in a regular expression."""

_WRITTEN = {
    USER: "qzuserqz",
    TEXT: "qztextqz",
    THOUGHT: "qzthoughtqz",
    NAME: "qznameoneqz",
    NAME_2: "qznametwoqz",
    KEY: "qzkeyaqz",
    KEY_2: "qzkeybqz",
    VALUE: "qzvalueaqz",
    VALUE_2: "qzvaluebqz",
    ID: "qzid00001",  # nine letters and digits: what Mistral's templates insist on
    ID_2: "qzid00002",
}
_QUICK = Limits(steps=200_000, made=4_000_000, value=1_000_000, seconds=2.0)

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""Where templates look for an earlier turn's reasoning."""


def _tool(name: str) -> dict[str, object]:
    properties = {_WRITTEN[key]: {"type": "string", "description": "d"} for key in (KEY, KEY_2)}
    parameters = {"type": "object", "properties": properties, "required": [_WRITTEN[KEY]]}
    return {"type": "function", "function": {"name": name, "description": "d", "parameters": parameters}}


TOOLS: tuple[Mapping[str, object], ...] = (_tool(_WRITTEN[NAME]), _tool(_WRITTEN[NAME_2]))


@dataclass(frozen=True, slots=True)
class Turn:
    """An assistant's turn to render; `field` holds the reasoning, if there is any."""

    text: bool = False
    calls: int = 0
    field: str | None = None
    long_ids: bool = False
    bad_arguments: bool = False


class Prober:
    """Renders turns of one template as its traits want them; gives up on one that works too much."""

    def __init__(self, template: ChatTemplate, traits: Traits) -> None:
        self._template = template
        self._traits = traits
        self._given_up = False

    def prompt(self, *, open_turn: bool, tools: bool = True) -> str | None:
        """What comes after the user's text; None when the template refuses."""
        return self._render([self._user()], open_turn=open_turn, tools=tools)

    def turn(self, turn: Turn) -> str | None:
        """What comes after the user's text when the assistant has answered like that."""
        return self._render([self._user(), self._assistant(turn)], open_turn=False, tools=True)

    def shows_tools(self) -> bool:
        """Whether the template tells the model of the tools."""
        shown = self._render_all([self._user()], open_turn=True, tools=True)
        return shown is not None and NAME in shown

    def _render(self, messages: Sequence[WireMessage], *, open_turn: bool, tools: bool) -> str | None:
        shown = self._render_all(messages, open_turn=open_turn, tools=tools)
        return None if shown is None else shown.rpartition(USER)[2]

    def _render_all(self, messages: Sequence[WireMessage], *, open_turn: bool, tools: bool) -> str | None:
        if self._given_up:
            return None
        offered = TOOLS if tools else None
        try:
            shown = self._template.render(messages, tools=offered, limits=_QUICK, open_turn=open_turn)
        except InvalidRequest:
            return None
        except TemplateFailed:
            self._given_up = True  # the next render would cost as much
            return None
        for sentinel, written in _WRITTEN.items():
            shown = shown.replace(written, sentinel)
        return shown

    def _user(self) -> WireMessage:
        return {"role": "user", "content": self._content(_WRITTEN[USER])}

    def _assistant(self, turn: Turn) -> WireMessage:
        empty = None if self._traits.null_content and turn.calls else ""
        message: dict[str, object] = {"role": "assistant"}
        message["content"] = self._content(_WRITTEN[TEXT]) if turn.text else empty
        if turn.field is not None:
            message[turn.field] = _WRITTEN[THOUGHT]
        if turn.calls:
            message["tool_calls"] = [self._call(call_id, name) for call_id, name in _CALLS[: turn.calls]]
        if turn.calls and turn.long_ids:
            message["tool_calls"] = [self._call(ID, NAME) | {"id": "call_0123456789"}]
        if turn.calls and turn.bad_arguments:
            bad = {"name": _WRITTEN[NAME], "arguments": "{not JSON"}
            message["tool_calls"] = [self._call(ID, NAME) | {"function": bad}]
        return message

    def _content(self, text: str) -> object:
        return [{"type": "text", "text": text}] if self._traits.content_as_parts else text

    def _call(self, call_id: str, name: str) -> dict[str, object]:
        values: object = {_WRITTEN[KEY]: _WRITTEN[VALUE], _WRITTEN[KEY_2]: _WRITTEN[VALUE_2]}
        if not self._traits.object_arguments:
            values = f'{{"{_WRITTEN[KEY]}": "{_WRITTEN[VALUE]}", "{_WRITTEN[KEY_2]}": "{_WRITTEN[VALUE_2]}"}}'
        function = {"name": _WRITTEN[name], "arguments": values}
        return {"id": _WRITTEN[call_id], "type": "function", "function": function}


_CALLS = ((ID, NAME), (ID_2, NAME_2))
