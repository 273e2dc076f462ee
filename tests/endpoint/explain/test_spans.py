from __future__ import annotations

from endpoint.conversation import Message, Role, TextPart, Tool, ToolCall
from endpoint.explain.spans import Piece, find_spans, find_tools


def say(role: Role, text: str, calls: tuple[ToolCall, ...] = (), reasoning: str | None = None) -> Message:
    return Message(role, (TextPart(text),), tool_calls=calls, reasoning=reasoning)


def test_messages_are_found_in_order_though_they_say_the_same() -> None:
    prompt = "[system]Be brief.[user]Yes.[assistant]Yes.[user]Yes."
    messages = [say(Role.SYSTEM, "Be brief."), *(say(Role.USER, "Yes.") for _ in range(3))]
    spans = find_spans(prompt, messages)
    assert [prompt[span.start : span.end] for span in spans] == ["Be brief.", "Yes.", "Yes.", "Yes."]
    assert [span.index for span in spans] == [0, 1, 2, 3]


def test_what_the_template_trimmed_counts_as_characters_of_the_message() -> None:
    (span,) = find_spans("[user]Hello you[end]", [say(Role.USER, "\n\n Hello you \n")])
    assert (span.start, span.skipped) == (6, 3)
    assert span.character(6 + len("Hello ")) == len("\n\n Hello ")


def test_a_word_is_not_found_within_another() -> None:
    (span,) = find_spans("<|assistant|>\nis a sea", [say(Role.ASSISTANT, "a")])
    assert span.start == len("<|assistant|>\nis ")


def test_a_late_system_message_is_found_at_the_front() -> None:
    spans = find_spans("[system]Late.[user]Hello.", [say(Role.USER, "Hello."), say(Role.SYSTEM, "Late.")])
    assert [span.index for span in spans] == [1, 0]


def test_a_message_that_the_template_left_out_has_no_span() -> None:
    spans = find_spans("[user]Hello.", [say(Role.SYSTEM, "Not shown."), say(Role.USER, "Hello.")])
    assert [span.index for span in spans] == [1]


def test_reasoning_and_calls_are_pieces_of_their_message() -> None:
    call = ToolCall("1", "tides", '{"port": "Rome"}')
    message = say(Role.ASSISTANT, "Let me look.", (call,), "They want tides.")
    prompt = '[think]They want tides.[/think]Let me look.[call]tides {"port": "Rome"}'
    found = {prompt[span.start : span.end]: span.piece for span in find_spans(prompt, [message])}
    assert found == {
        "They want tides.": Piece.REASONING,
        "Let me look.": Piece.TEXT,
        "tides": Piece.CALL,
        '{"port": "Rome"}': Piece.CALL,
    }


def test_a_tool_reaches_from_its_name_to_the_last_of_its_words() -> None:
    schema = {"properties": {"port": {"type": "string", "description": "A port of call"}}}
    prompt = 'Tools: {"name": "tides", "parameters": {"port": "A port of call"}} {"name": "log"} Go.'
    first, second = find_tools(prompt, [Tool("tides", "", schema), Tool("log")])
    assert prompt[first.start : first.end] == '"tides", "parameters": {"port": "A port of call'
    assert second.start == prompt.index('"log"')
