from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.conversation import MediaPart, Message, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.text.roles import arrange
from endpoint.text.traits import Traits, find_traits
from tests.endpoint.text.models import (
    GEMMA,
    LLAMA2,
    TOOLS_AS_OBJECT,
    TOOLS_AS_TEXT,
    TYPED_CONTENT,
    make_template,
)

PLAIN = Traits()


def say(role: Role, *texts: str) -> Message:
    return Message(role, tuple(TextPart(text) for text in texts))


SYSTEM, DEVELOPER, USER, ASSISTANT = Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT

CASES: dict[str, tuple[list[Message], list[tuple[str, str]]]] = {
    "nothing to do": (
        [say(SYSTEM, "S"), say(USER, "U"), say(ASSISTANT, "A"), say(USER, "V")],
        [("system", "S"), ("user", "U"), ("assistant", "A"), ("user", "V")],
    ),
    "developer is system": ([say(DEVELOPER, "D"), say(USER, "U")], [("system", "D"), ("user", "U")]),
    "several and late system messages": (
        [say(SYSTEM, "S"), say(DEVELOPER, "D"), say(USER, "U"), say(ASSISTANT, "A"), say(SYSTEM, "T"), say(USER, "V")],
        [("system", "S\n\nD\n\nT"), ("user", "U"), ("assistant", "A"), ("user", "V")],
    ),
    "a system message between two of the user": (
        [say(USER, "U"), say(SYSTEM, "S"), say(USER, "V")],
        [("system", "S"), ("user", "U\n\nV")],
    ),
    "three user messages": ([say(USER, "U"), say(USER, "V"), say(USER, "W")], [("user", "U\n\nV\n\nW")]),
    "an empty system message": ([say(SYSTEM, ""), say(USER, "U")], [("user", "U")]),
    "an empty user message beside another": ([say(USER, ""), say(USER, "U")], [("user", "U")]),
    "parts": ([say(USER, "one", "two")], [("user", "one\ntwo")]),
    "no parts": ([Message(USER)], [("user", "")]),
    "assistants are left alone": (
        [say(USER, "U"), say(ASSISTANT, "A"), say(ASSISTANT, "B")],
        [("user", "U"), ("assistant", "A"), ("assistant", "B")],
    ),
}


@pytest.mark.parametrize(("messages", "arranged"), CASES.values(), ids=CASES.keys())
def test_messages_are_arranged(messages: list[Message], arranged: list[tuple[str, str]]) -> None:
    assert [(message["role"], message["content"]) for message in arrange(messages, PLAIN)] == arranged


@pytest.mark.parametrize("source", [LLAMA2, GEMMA, None], ids=["Llama 2", "Gemma", "ChatML"])
def test_strict_templates_take_what_agents_send(source: str | None) -> None:
    template = make_template(source)
    sent = [say(DEVELOPER, "D"), say(USER, "U"), say(USER, "V"), say(ASSISTANT, "A"), say(SYSTEM, "S"), say(USER, "W")]
    text = template.render(arrange(sent, find_traits(template)))
    assert all(letter in text for letter in "DUVASW")


def test_without_a_system_role_its_text_opens_the_first_user_message() -> None:
    traits = Traits(system_role=False)
    assert arrange([say(SYSTEM, "S"), say(USER, "U")], traits) == [{"role": "user", "content": "S\n\nU"}]
    assert arrange([say(SYSTEM, "S"), say(ASSISTANT, "A")], traits)[0] == {"role": "user", "content": "S"}
    assert arrange([say(SYSTEM, "S")], traits) == [{"role": "user", "content": "S"}]


def test_a_part_that_is_not_text_is_named() -> None:
    messages = [say(SYSTEM, "S"), Message(USER, (TextPart("look"), MediaPart("image_url")))]
    with pytest.raises(InvalidRequest, match="image_url") as caught:
        arrange(messages, PLAIN)
    assert caught.value.param == "messages[1].content[1]"


CALL = Message(ASSISTANT, tool_calls=(ToolCall("call1", "weather", '{"city": "Oslo"}'),))
RESULT = Message(Role.TOOL, (TextPart("rain"), TextPart("wind")), name="weather", tool_call_id="call1")


def test_tool_calls_and_results_keep_their_ids_and_names() -> None:
    call, result = arrange([CALL, RESULT], PLAIN)
    function = {"name": "weather", "arguments": {"city": "Oslo"}}
    assert call["tool_calls"] == [{"id": "call1", "type": "function", "function": function}]
    assert call["content"] == ""
    assert result == {"role": "tool", "content": "rain\nwind", "name": "weather", "tool_call_id": "call1"}


@pytest.mark.parametrize("arguments", ["", "{}", "not JSON", "[1]", '{"a": ', "[" * 5000])
def test_whatever_the_model_wrote_as_arguments_is_taken(arguments: str) -> None:
    message = Message(ASSISTANT, tool_calls=(ToolCall("1", "f", arguments),))
    (arranged,) = arrange([message], PLAIN)
    calls = arranged["tool_calls"]
    assert isinstance(calls, list)
    assert calls[0]["function"]["arguments"] == ({} if arguments in {"", "{}"} else arguments)


@pytest.mark.parametrize("source", [TOOLS_AS_OBJECT, TOOLS_AS_TEXT])
def test_a_tool_conversation_is_rendered_as_the_template_needs_it(source: str) -> None:
    template = make_template(source)
    text = template.render(arrange([say(USER, "U"), CALL, RESULT], find_traits(template)))
    assert "weather" in text
    assert "Oslo" in text
    assert "rain\nwind" in text


def test_content_comes_as_parts_where_the_template_wants_them() -> None:
    template = make_template(TYPED_CONTENT)
    assert template.render(arrange([say(SYSTEM, "S"), say(USER, "U")], find_traits(template))) == "<system>S<user>U"


def test_reasoning_is_handed_on() -> None:
    (message,) = arrange([Message(ASSISTANT, (TextPart("A"),), reasoning="because")], PLAIN)
    assert message["reasoning_content"] == "because"


texts = st.text(alphabet="abc", min_size=0, max_size=3)
conversations = st.lists(
    st.builds(say, st.sampled_from([SYSTEM, DEVELOPER, USER, ASSISTANT, Role.TOOL]), texts), max_size=12
)


@settings(derandomize=True, deadline=None)
@given(conversations, st.booleans())
def test_whatever_is_sent_at_most_one_system_message_comes_first_and_users_never_repeat(
    messages: list[Message], system_role: bool
) -> None:
    roles = [message["role"] for message in arrange(messages, Traits(system_role=system_role))]
    assert "developer" not in roles
    assert roles.count("system") <= system_role
    assert "system" not in roles[1:]
    assert ("user", "user") not in list(itertools.pairwise(roles))


@settings(derandomize=True, deadline=None)
@given(conversations, st.booleans())
def test_whatever_is_sent_no_text_is_lost(messages: list[Message], system_role: bool) -> None:
    arranged = "".join(str(message["content"]) for message in arrange(messages, Traits(system_role=system_role)))
    sent = "".join(part.text for message in messages for part in message.parts if isinstance(part, TextPart))
    assert sorted(arranged.replace("\n", "")) == sorted(sent)
