"""An answer's segments as the items of a response, and the events that tell of them. Pure; one writer an answer.

Invariant: one item is open at a time. It is closed when something of another kind begins, or at the end: only then
is it known whether it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from endpoint.protocol.messages import new_call_id
from endpoint.protocol.reply import Body
from endpoint.protocol.responses.items import Item, new_item_id, seal_reasoning
from endpoint.protocol.responses.tools import INPUT, Callee
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment

Events = list[Body]
"""In order; their `sequence_number` is not theirs to know."""


class _Open(Protocol):
    """An item that is being written."""

    def add(self, text: str) -> Events:
        """More of it."""

    def close(self, *, cut: bool) -> Events:
        """It is over; `cut`: by the answer's limit."""

    def item(self) -> Item:
        """As it is now."""


@dataclass(slots=True)
class _TextItem:
    """A message, or reasoning: one part of text."""

    kind: str
    index: int
    id: str
    seals: bool = False
    texts: list[str] = field(default_factory=list)
    status: str = "in_progress"

    def opening(self) -> Events:
        """The item, still without content, and its part, still without text."""
        added: Body = {"type": "response.output_item.added", "output_index": self.index, "item": self.item()}
        return [added, self._event("response.content_part.added", part=self._part())]

    def add(self, text: str) -> Events:
        """A delta."""
        self.texts.append(text)
        return [self._event(f"response.{self._part_type}.delta", delta=text, **self._logprobs())]

    def close(self, *, cut: bool) -> Events:
        """The whole text, the whole part, the whole item."""
        self.status = "incomplete" if cut else "completed"
        return [
            self._event(f"response.{self._part_type}.done", text="".join(self.texts), **self._logprobs()),
            self._event("response.content_part.done", part=self._part()),
            {"type": "response.output_item.done", "output_index": self.index, "item": self.item()},
        ]

    def item(self) -> Item:
        """As it is now."""
        head: Item = {"type": self.kind, "id": self.id, "status": self.status}
        content = [self._part()] if self.texts else []
        if self.kind == "message":
            return {**head, "role": "assistant", "content": content}
        sealed = seal_reasoning("".join(self.texts)) if self.seals and self.texts else None
        return {**head, "summary": [], "content": content, "encrypted_content": sealed}

    @property
    def _part_type(self) -> str:
        return "output_text" if self.kind == "message" else "reasoning_text"

    def _part(self) -> Body:
        part: Body = {"type": self._part_type, "text": "".join(self.texts)}
        return {**part, "annotations": [], "logprobs": []} if self.kind == "message" else part

    def _logprobs(self) -> Body:
        return {"logprobs": []} if self.kind == "message" else {}

    def _event(self, kind: str, /, **fields: object) -> Body:
        return {"type": kind, "item_id": self.id, "output_index": self.index, "content_index": 0, **fields}


@dataclass(slots=True)
class _CallItem:
    """A call of a function, or of a custom tool: that one's text stands in the arguments, and is known at their end."""

    callee: Callee
    index: int
    id: str
    call_id: str
    arguments: list[str] = field(default_factory=list)
    status: str = "in_progress"

    def opening(self) -> Events:
        """The item, still without arguments."""
        return [{"type": "response.output_item.added", "output_index": self.index, "item": self.item()}]

    def add(self, text: str) -> Events:
        """A delta, where deltas make sense."""
        self.arguments.append(text)
        return [] if self.callee.is_custom else [self._event("response.function_call_arguments.delta", delta=text)]

    def close(self, *, cut: bool) -> Events:
        """All arguments, the whole item."""
        arguments = "".join(self.arguments)
        self.status = "incomplete" if cut and _parse(arguments) is None else "completed"
        if self.callee.is_custom:
            text = _input_of(arguments)
            told = [
                self._event("response.custom_tool_call_input.delta", delta=text),
                self._event("response.custom_tool_call_input.done", input=text),
            ]
        else:
            name = self.callee.name
            told = [self._event("response.function_call_arguments.done", name=name, arguments=arguments)]
        return [*told, {"type": "response.output_item.done", "output_index": self.index, "item": self.item()}]

    def item(self) -> Item:
        """As it is now."""
        written: Item = {
            "type": "custom_tool_call" if self.callee.is_custom else "function_call",
            "id": self.id,
            "call_id": self.call_id,
            "name": self.callee.name,
            "status": self.status,
        }
        if self.callee.namespace is not None:
            written["namespace"] = self.callee.namespace
        arguments = "".join(self.arguments)
        if self.callee.is_custom:
            return {**written, "input": _input_of(arguments) if self.status != "in_progress" else ""}
        return {**written, "arguments": arguments}

    def _event(self, kind: str, /, **fields: object) -> Body:
        return {"type": kind, "item_id": self.id, "output_index": self.index, **fields}


class OutputWriter:
    """`callees`: who is called, by the model's names; `seals`: reasoning goes out as `encrypted_content` too."""

    def __init__(self, callees: Mapping[str, Callee], *, seals: bool = False) -> None:
        self._callees = callees
        self._seals = seals
        self._closed: list[Item] = []
        self._open: _Open | None = None
        self._kind = ""

    def write(self, segments: Iterable[Segment]) -> Events:
        """The events of more segments."""
        return [event for segment in segments for event in self._write(segment)]

    def finish(self, *, cut: bool) -> Events:
        """The last item is over."""
        return self._close(cut=cut)

    def items(self) -> list[Item]:
        """All items, as they are now."""
        return self._closed + ([self._open.item()] if self._open is not None else [])

    def _write(self, segment: Segment) -> Events:
        match segment:
            case Content(text):
                return self._add_text("message", text)
            case Reasoning(text):
                return self._add_text("reasoning", text)
            case CallStart(_, name):
                return self._start_call(self._callees.get(name) or Callee(name))
            case CallArguments(_, text):
                return [] if self._open is None else self._open.add(text)
            case CallEnd():
                return []

    def _add_text(self, kind: str, text: str) -> Events:
        events: Events = []
        if self._open is None or self._kind != kind:
            events += self._close(cut=False)
            made = _TextItem(kind, len(self._closed), new_item_id(kind), self._seals)
            self._open, self._kind = made, kind
            events += made.opening()
        return events + self._open.add(text)

    def _start_call(self, callee: Callee) -> Events:
        events = self._close(cut=False)
        kind = "custom_tool_call" if callee.is_custom else "function_call"
        made = _CallItem(callee, len(self._closed), new_item_id(kind), new_call_id())
        self._open, self._kind = made, "call"
        return events + made.opening()

    def _close(self, *, cut: bool) -> Events:
        if self._open is None:
            return []
        events = self._open.close(cut=cut)
        self._closed.append(self._open.item())
        self._open = None
        return events


def _parse(arguments: str) -> object:
    """The arguments as a value; None for what is no JSON."""
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return None


def _input_of(arguments: str) -> str:
    """A custom tool's text; what the model wrote, where it wrote something else. Half a surrogate pair becomes "?"."""
    parsed = _parse(arguments)
    text = parsed.get(INPUT) if isinstance(parsed, dict) else None
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else arguments
