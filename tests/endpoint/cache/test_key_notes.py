from __future__ import annotations

import json
from dataclasses import replace

import pytest

from endpoint.cache.disk.store import Note
from endpoint.cache.key_notes import KEY, read_note, write_note
from endpoint.cache.keys import Key
from endpoint.conversation import MediaPart, Message, Role, TextPart, Tool, ToolCall
from endpoint.keycontent import KeyContent

TOKENS = tuple(range(50))
CONTENT = KeyContent(
    messages=(
        Message(Role.SYSTEM, (TextPart("Be brief."), MediaPart("image_url")), name="rules"),
        Message(Role.ASSISTANT, (), tool_calls=(ToolCall("call_1", "look", '{"at": 1}'),), reasoning="hm"),
        Message(Role.TOOL, (TextPart("a ship"),), tool_call_id="call_1"),
    ),
    tools=(Tool("look", "Looks.", {"type": "object", "properties": {"at": {"type": "integer"}}}),),
    variables={"enable_thinking": False},
    opens_turn=True,
)
KEY_OF_BEFORE = Key("agent", 10.0, 20.0, 60.0, TOKENS, CONTENT, {"namespace": "x", "index": 2}, is_prepared=True)


def through_json(note: Note) -> Note:
    return replace(note, content=json.loads(json.dumps(note.content)))


def test_a_key_comes_back_as_it_was() -> None:
    note = write_note(KEY + "agent", KEY_OF_BEFORE, ("entry", TOKENS), 30.0)
    assert (note.name, note.entry, note.saved_at_s) == ("key:agent", "entry", 30.0)
    assert read_note("agent", through_json(note), TOKENS) == KEY_OF_BEFORE


def test_raw_tokens_come_back_too() -> None:
    raw = replace(KEY_OF_BEFORE, content=KeyContent(tokens=(1, 2, 3)))
    found = read_note("agent", through_json(write_note(KEY, raw, ("entry", TOKENS), 0.0)), TOKENS)
    assert found is not None
    assert found.content == KeyContent(tokens=(1, 2, 3))


def test_it_stands_for_no_more_than_what_is_saved() -> None:
    note = write_note(KEY, KEY_OF_BEFORE, ("entry", TOKENS[:40]), 0.0)
    found = read_note("agent", note, TOKENS[:40])
    assert found is not None
    assert found.tokens == TOKENS[:40]


@pytest.mark.parametrize(
    "damage",
    [
        {"tokens": 51},
        {"tokens": "many"},
        {"tokens": None},
        {"used_at": "now"},
        {"content": []},
        {"content": {"messages": 3}},
        {"content": {"messages": [{"role": "king"}]}},
        {"meta": 7},
    ],
)
def test_a_note_that_makes_no_sense_is_none(damage: dict[str, object]) -> None:
    note = through_json(write_note(KEY, KEY_OF_BEFORE, ("entry", TOKENS), 0.0))
    assert read_note("agent", replace(note, content={**note.content, **damage}), TOKENS) is None
    assert read_note("agent", replace(note, content={}), TOKENS) is None
