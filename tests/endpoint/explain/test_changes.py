from __future__ import annotations

import pytest

from endpoint.conversation import Message, Role, TextPart, Tool
from endpoint.explain.changes import MessageChange, ToolChange, find_message_change, find_tool_change, is_unlike
from endpoint.explain.kinds import Kind
from endpoint.keycontent import KeyContent

A, B = Tool("a", "First.", {"type": "object"}), Tool("b", "Second.", {"required": ["x", "y"], "n": {"m": 1}})
SYSTEM = Message(Role.SYSTEM, (TextPart("You keep the book of the harbour."),))


def say(text: str, role: Role = Role.USER, reasoning: str | None = None) -> Message:
    return Message(role, (TextPart(text),), reasoning=reasoning)


def talk(*messages: Message) -> KeyContent:
    return KeyContent((SYSTEM, *messages))


@pytest.mark.parametrize(
    ("earlier", "new", "change"),
    [
        ([A, B], [A, B], None),
        ([A], [A, B], ToolChange(Kind.TOOLS_ADDED, ("b",))),
        ([A, B], [B], ToolChange(Kind.TOOLS_REMOVED, ("a",))),
        ([A], [B], ToolChange(Kind.TOOLS_REPLACED, ("b", "a"))),
        ([A, B], [B, A], ToolChange(Kind.TOOLS_REORDERED, ("b",))),
    ],
)
def test_tools_are_told_apart_by_name_and_order(
    earlier: list[Tool], new: list[Tool], change: ToolChange | None
) -> None:
    assert find_tool_change(earlier, new) == change


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"required": ["x", "z"], "n": {"m": 1}}, "parameters.required[1]"),
        ({"required": ["x", "y", "z"], "n": {"m": 1}}, "parameters.required[2]"),
        ({"required": ["x", "y"], "n": {"m": 2}}, "parameters.n.m"),
        ({"required": ["x", "y"], "n": {"m": 1, "o": 2}}, "parameters.n.o"),
        ({"required": ["x", "y"]}, "parameters.n"),
        ({"required": ["x", "y"], "n": {"m": True}}, "parameters.n.m"),
        ({"n": {"m": 1}, "required": ["x", "y"]}, "parameters (order of keys)"),
    ],
)
def test_a_changed_schema_is_told_by_the_path_of_the_first_difference(parameters: dict[str, object], path: str) -> None:
    change = find_tool_change([A, B], [A, Tool("b", "Second.", parameters)])
    assert change == ToolChange(Kind.TOOL_CHANGED, ("b",), path)


def test_a_conversation_that_goes_on_has_no_change() -> None:
    assert find_message_change(talk(say("One")), talk(say("One"), say("Two"))) is None


@pytest.mark.parametrize(
    ("earlier", "new", "change"),
    [
        ([say("One"), say("Two")], [say("Two")], MessageChange(Kind.HISTORY_TRIMMED, 1, 0, 1)),
        ([say("Two")], [say("One"), say("Two")], MessageChange(Kind.MESSAGES_INSERTED, 1, 0, 1)),
        ([say("One a")], [say("One b")], MessageChange(Kind.OTHER_QUESTION, 1, 4)),
        ([say("One a"), say("x")], [say("One b"), say("y")], MessageChange(Kind.MESSAGE_EDITED, 1, 4)),
        (
            [say("So", Role.ASSISTANT, "Because"), say("x")],
            [say("So", Role.ASSISTANT), say("x")],
            MessageChange(Kind.REASONING_DROPPED, 1, 2),
        ),
    ],
)
def test_the_first_message_that_differs_is_judged(
    earlier: list[Message], new: list[Message], change: MessageChange
) -> None:
    assert find_message_change(talk(*earlier), talk(*new)) == change


def test_another_system_prompt_is_not_a_changed_one() -> None:
    old = "You keep the harbour's book, and write down each ship that comes in, its port and what it carries."
    assert is_unlike(
        old, "As the keeper of a lighthouse, you answer ships by signals alone, in every weather there is."
    )
    assert not is_unlike(old, old.replace("ship", "boat"))
    assert not is_unlike("Yes.", "Yours.")
