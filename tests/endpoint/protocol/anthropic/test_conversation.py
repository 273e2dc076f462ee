from __future__ import annotations

from typing import Any

import pytest

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.protocol.anthropic.conversation import WireMessage, read_conversation

TEXT = {"type": "text", "text": "Hm."}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Köln"}}


def read(*messages: tuple[str, Any]) -> list[Message]:
    wire = [WireMessage.model_validate({"role": role, "content": content}) for role, content in messages]
    return list(read_conversation(wire))


def result(content: Any, name: str = "toolu_1", **fields: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": name, "content": content, **fields}


def tool(text: str, name: str = "toolu_1") -> Message:
    return Message(Role.TOOL, (TextPart(text),), tool_call_id=name)


def user(*texts: str) -> Message:
    return Message(Role.USER, tuple(map(TextPart, texts)))


def test_text_is_text_as_a_string_and_as_blocks() -> None:
    assert read(("user", "Hm.")) == read(("user", [TEXT])) == [user("Hm.")]


def test_several_results_are_messages_in_their_order_and_text_comes_after_them() -> None:
    blocks = [result("sunny"), TEXT, result([TEXT, TEXT], "toolu_2"), result(None, "toolu_3")]
    assert read(("user", blocks)) == [
        tool("sunny"),
        tool("Hm.\nHm.", "toolu_2"),
        tool("", "toolu_3"),
        user("Hm."),
    ]


def test_a_failed_result_says_so_in_words() -> None:
    assert read(("user", [result("no such city", is_error=True)])) == [tool("Error: no such city")]


def test_a_found_tool_is_its_name() -> None:
    assert read(("user", [result([{"type": "tool_reference", "tool_name": "weather"}])])) == [tool("weather")]


def test_the_assistant_s_thoughts_text_and_calls_are_one_message() -> None:
    thought = {"type": "thinking", "thinking": "Which city?", "signature": "abc"}
    assert read(("assistant", [thought, TEXT, CALL])) == [
        Message(
            Role.ASSISTANT,
            (TextPart("Hm."),),
            tool_calls=(ToolCall("toolu_1", "weather", '{"city": "Köln"}'),),
            reasoning="Which city?",
        )
    ]


def test_the_assistant_s_messages_in_a_row_are_one() -> None:
    (message,) = read(("assistant", "One."), ("assistant", [CALL]))
    assert message.parts == (TextPart("One."),)
    assert [call.id for call in message.tool_calls] == ["toolu_1"]


def test_a_system_message_may_come_after_the_user_s() -> None:
    late = Message(Role.SYSTEM, (TextPart("Hm."),))
    assert read(("user", "Hi"), ("system", [TEXT]), ("user", "Ho")) == [user("Hi"), late, user("Ho")]


def test_a_system_message_after_the_assistant_s_stays_in_its_place_as_a_reminder() -> None:
    before: list[tuple[str, Any]] = [("user", "Hi"), ("assistant", "Ho"), ("user", [result("x")])]
    (*earlier, last) = read(*before, ("system", "Hm."))
    assert earlier == read(*before)
    assert last == user("<system-reminder>\nHm.\n</system-reminder>")


def test_blocks_of_tools_that_run_elsewhere_are_skipped_and_leave_no_empty_message() -> None:
    blocks = [
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": {"type": "web_search_tool_result_error"}},
    ]
    assert read(("user", "Hi"), ("assistant", blocks)) == [user("Hi")]
    assert read(("assistant", [*blocks, TEXT])) == [Message(Role.ASSISTANT, (TextPart("Hm."),))]


@pytest.mark.parametrize(
    ("role", "blocks", "path"),
    [
        ("user", [TEXT, {"type": "image", "source": {}}], "messages[1].content[1]"),
        ("user", [{"type": "document", "source": {}}], "messages[1].content[0]"),
        ("user", [result([TEXT, {"type": "image", "source": {}}])], "messages[1].content[0].content[1]"),
        ("user", [CALL], "messages[1].content[0]"),
        ("assistant", [result("x")], "messages[1].content[0]"),
        ("system", [CALL], "messages[1].content[0]"),
    ],
)
def test_what_can_t_be_read_is_refused_by_its_place(role: str, blocks: list[Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(("user", "Hi"), (role, blocks))
    assert caught.value.param == path
