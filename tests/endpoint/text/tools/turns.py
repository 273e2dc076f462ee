"""Assistant turns rendered by a template and read back by the parser, as if the model had written them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment
from endpoint.text.roles import arrange
from endpoint.text.template import ChatTemplate
from endpoint.text.tools.dialect import Dialect
from endpoint.text.tools.fitting import fit_messages
from endpoint.text.tools.parser import SegmentParser
from endpoint.text.tools.pieces import shared_end

QUESTION = "What is to be done?"
TEXT = "I will look that up: 2 < 3."
THOUGHT = "They want to know.\n\nSo I call a tool."

CODE = 'if a < b:\n    print("{x}")  # “é” </p>\n'

WEATHER_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "where"},
        "days": {"type": "integer", "description": "how many"},
        "exact": {"type": "boolean", "description": "to the degree"},
    },
    "required": ["city"],
}
NOTE_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "what to write"},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "words"},
        "at": {
            "type": "object",
            "properties": {"line": {"type": "integer", "description": "from 1"}},
            "additionalProperties": False,  # one template reads it without asking whether it is there
            "description": "where",
        },
    },
    "required": ["text"],
}
SCHEMAS: dict[str, dict[str, object]] = {"get_weather": WEATHER_SCHEMA, "write-note": NOTE_SCHEMA}
TOOLS: list[dict[str, object]] = [
    {"type": "function", "function": {"name": name, "description": f"Do {name}", "parameters": schema}}
    for name, schema in SCHEMAS.items()
]
WEATHER = ToolCall("call00001", "get_weather", json.dumps({"city": "Aix-en-Provence", "days": 3, "exact": True}))
NOTE = ToolCall(
    "call00002",
    "write-note",
    json.dumps(
        {"text": 'if a < b:\n    print("{x}")  # “é” </p>\n', "tags": ["a b", "c"], "at": {"line": 7}},
        ensure_ascii=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer comes to; arguments parsed where they are JSON."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, object], ...] = ()


def make_turn(calls: Sequence[ToolCall] = (), text: str = "", thought: str | None = None) -> Message:
    parts = (TextPart(text),) if text else ()
    return Message(Role.ASSISTANT, parts, tool_calls=tuple(calls), reasoning=thought)


def render(template: ChatTemplate, dialect: Dialect, messages: Sequence[Message], *, open_turn: bool) -> str:
    fitted = fit_messages(messages, TOOLS, dialect)
    return template.render(arrange(fitted, dialect.traits), tools=TOOLS, open_turn=open_turn)


def render_answer(template: ChatTemplate, dialect: Dialect, turn: Message) -> str:
    """The turn as the model would have written it: from the turn's header to its end."""
    asked = Message(Role.USER, (TextPart(QUESTION),))
    shown = render(template, dialect, [asked, turn], open_turn=False).rpartition(QUESTION)[2]
    unanswered = render(template, dialect, [asked], open_turn=False).rpartition(QUESTION)[2]
    # Some templates add to any conversation, answered or not; nothing of that is the answer's.
    shown = shown.removesuffix(shared_end(shown, unanswered))
    header = dialect.answer.header
    return shown.partition(header)[2] if header and header in shown else shown


def prompt_end(template: ChatTemplate, dialect: Dialect, answer: str) -> str:
    """How the prompt opened the answer: by its header, and by the mark of reasoning where the answer lacks that."""
    asked = Message(Role.USER, (TextPart(QUESTION),))
    reasoning = dialect.answer.reasoning
    if reasoning is None or reasoning.start in answer or reasoning.end not in answer:
        return dialect.answer.header
    shown = render(template, dialect, [asked], open_turn=True)
    return shown[shown.rindex(dialect.answer.header) :]


def parse(dialect: Dialect, opening: str, pieces: Iterable[str]) -> list[Segment]:
    parser = SegmentParser(dialect.answer, SCHEMAS, opening)
    segments = [segment for piece in pieces for segment in parser.feed(piece)]
    return segments + parser.finish()


def summarise(segments: Iterable[Segment]) -> Answer:
    """The segments put together; asserts that each call is opened, filled and closed in order."""
    content = reasoning = ""
    names: list[str] = []
    arguments: list[str] = []
    open_call = False
    for segment in segments:
        match segment:
            case Content(text):
                content += text
            case Reasoning(text):
                reasoning += text
            case CallStart(index, name):
                assert not open_call
                assert index == len(names)
                names.append(name)
                arguments.append("")
                open_call = True
            case CallArguments(index, text):
                assert open_call
                assert index == len(names) - 1
                arguments[index] += text
            case CallEnd(index):
                assert open_call
                assert index == len(names) - 1
                open_call = False
    assert not open_call
    calls = zip(names, map(load, arguments), strict=True)
    return Answer(content.strip(), reasoning.strip(), tuple(calls))


def join_segments(segments: Iterable[Segment]) -> list[Segment]:
    # Neighbours of one kind as one segment.
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        match last, segment:
            case Content(before), Content(text):
                joined[-1] = Content(before + text)
            case Reasoning(before), Reasoning(text):
                joined[-1] = Reasoning(before + text)
            case CallArguments(index, before), CallArguments(same, text) if index == same:
                joined[-1] = CallArguments(index, before + text)
            case _:
                joined.append(segment)
    return joined


def load(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def expect(turn: Message) -> Answer:
    """What the turn comes to when nothing of it is lost."""
    text = "".join(part.text for part in turn.parts if isinstance(part, TextPart))
    calls = tuple((call.name, json.loads(call.arguments)) for call in turn.tool_calls)
    return Answer(text, turn.reasoning or "", calls)
