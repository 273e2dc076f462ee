"""An answer's items, sent back as input: the same turn of the conversation."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.protocol.responses.body import ResponsesBody
from endpoint.protocol.responses.items import Item, read_items, write_messages
from endpoint.protocol.responses.output import OutputWriter
from endpoint.protocol.responses.tools import Callee
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment

CALLEES = {
    "weather": Callee("weather"),
    "apply_patch": Callee("apply_patch", is_custom=True),
    "crm__find": Callee("find", "crm"),
}
PATCH = '{"input":"*** Begin\\n\\"ü\\""}'


def call(index: int, name: str, arguments: str) -> list[Segment]:
    return [
        CallStart(index, name),
        CallArguments(index, arguments[:5]),
        CallArguments(index, arguments[5:]),
        CallEnd(index),
    ]


def write(segments: Sequence[Segment], *, seals: bool = False) -> list[Item]:
    writer = OutputWriter(CALLEES, seals=seals)
    writer.write(segments)
    writer.finish(cut=False)
    return writer.items()


def send_back(items: Sequence[Item]) -> list[Message]:
    body = ResponsesBody.model_validate_json(json.dumps({"input": items}))
    assert body.input is not None
    return write_messages(read_items(body.input, lambda _: None))


TURN: list[Segment] = [Reasoning("Hm"), Reasoning("m.\n"), Content("Let me"), Content(" see.\n")]


@pytest.mark.parametrize(
    ("name", "arguments"), [("weather", '{"city": "Rome"}'), ("apply_patch", PATCH), ("crm__find", "{broken")]
)
def test_a_turn_with_calls_comes_back_as_one_message(name: str, arguments: str) -> None:
    segments = [*TURN, *call(0, name, arguments), *call(1, "weather", "{}")]
    (message,) = send_back(write(segments))
    assert (message.role, message.reasoning, message.parts) == (
        Role.ASSISTANT,
        "Hmm.\n",
        (TextPart("Let me see.\n"),),
    )
    assert [(made.name, made.arguments) for made in message.tool_calls] == [(name, arguments), ("weather", "{}")]
    assert len({made.id for made in message.tool_calls}) == 2


def test_kept_items_and_items_sent_back_are_the_same_conversation() -> None:
    items = write([*TURN, *call(0, "apply_patch", PATCH)])
    assert send_back(items) == write_messages(items)


def test_reasoning_comes_back_from_its_seal_alone() -> None:
    first, *rest = write([*TURN, *call(0, "weather", "{}")], seals=True)
    (message,) = send_back([{key: first[key] for key in ("type", "id", "summary", "encrypted_content")}, *rest])
    assert message.reasoning == "Hmm.\n"


def test_turns_in_which_text_follows_a_call_stay_apart() -> None:
    found = send_back(write([*call(0, "weather", "{}"), Reasoning("So."), Content("Done.")]))
    assert [(len(message.tool_calls), message.reasoning, len(message.parts)) for message in found] == [
        (1, None, 0),
        (0, "So.", 1),
    ]
