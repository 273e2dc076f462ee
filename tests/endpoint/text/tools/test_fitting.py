from __future__ import annotations

import dataclasses

import pytest

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.text.tools.as_text import describe_tools, write_call
from endpoint.text.tools.dialect import FALLBACK, find_dialect
from endpoint.text.tools.fitting import fit_messages
from endpoint.text.tools.formats import CallStyle, ToolFormat
from tests.endpoint.text.models import GEMMA, LLAMA2, TOOLS_AS_OBJECT, make_template
from tests.endpoint.text.tools.turns import TOOLS, parse, summarise

ABLE = dataclasses.replace(
    find_dialect(make_template(TOOLS_AS_OBJECT)),
    shows_tools=True,
    writes_calls=True,
    writes_several=True,
    writes_beside_text=True,
    writes_thought_and_text=True,
    takes_long_ids=True,
    takes_bad_arguments=True,
)
FIRST, SECOND = ToolCall("call_one", "get_weather", '{"city": "Rome"}'), ToolCall("call_two", "write-note", "{}")
USER = Message(Role.USER, (TextPart("Do it."),))
CALLS = Message(Role.ASSISTANT, (TextPart("Well."),), tool_calls=(FIRST, SECOND), reasoning="Hm.")
RESULTS = [
    Message(Role.TOOL, (TextPart("noted"),), tool_call_id="call_two"),
    Message(Role.TOOL, (TextPart("sunny"),), tool_call_id="call_one"),
]
CONVERSATION = [USER, CALLS, *RESULTS, USER]


def texts(messages: list[Message]) -> list[str]:
    return ["".join(part.text for part in message.parts if isinstance(part, TextPart)) for message in messages]


def test_what_a_template_can_take_is_left_alone() -> None:
    assert fit_messages(CONVERSATION, TOOLS, ABLE) == CONVERSATION


def test_calls_are_split_into_turns_each_with_its_own_result() -> None:
    fitted = fit_messages(CONVERSATION, TOOLS, dataclasses.replace(ABLE, writes_several=False))
    assert texts(fitted) == ["Do it.", "Well.", "sunny", "", "noted", "Do it."]
    assert [message.tool_calls for message in fitted] == [(), (FIRST,), (), (SECOND,), (), ()]
    assert [message.reasoning for message in fitted if message.tool_calls] == ["Hm.", None]


def test_text_that_would_hide_calls_becomes_a_turn_of_its_own() -> None:
    fitted = fit_messages(CONVERSATION, TOOLS, dataclasses.replace(ABLE, writes_beside_text=False))
    assert [bool(message.tool_calls) for message in fitted] == [False, False, True, False, False, False]
    assert texts(fitted)[1:3] == ["Well.", ""]


def test_text_beside_thought_becomes_thought_where_only_one_is_taken() -> None:
    fitted = fit_messages(CONVERSATION, TOOLS, dataclasses.replace(ABLE, writes_thought_and_text=False))
    assert (fitted[1].reasoning, fitted[1].parts) == ("Hm.\n\nWell.", ())


def test_arguments_that_are_no_object_are_put_into_one() -> None:
    bad = dataclasses.replace(CALLS, tool_calls=(FIRST, dataclasses.replace(SECOND, arguments='{"a')))
    fitted = fit_messages([bad], TOOLS, dataclasses.replace(ABLE, takes_bad_arguments=False))
    assert [call.arguments for call in fitted[0].tool_calls] == [FIRST.arguments, '{"arguments": "{\\"a"}']
    assert fit_messages([bad], TOOLS, ABLE) == [bad]


def test_ids_become_nine_letters_that_still_match() -> None:
    fitted = fit_messages(CONVERSATION, TOOLS, dataclasses.replace(ABLE, takes_long_ids=False))
    ids = [call.id for call in fitted[1].tool_calls]
    assert [fitted[3].tool_call_id, fitted[2].tool_call_id] == ids
    assert all(len(each) == 9 and each.isalnum() for each in ids)
    kept = dataclasses.replace(CALLS, tool_calls=(dataclasses.replace(FIRST, id="abcDEF123"),))
    assert fit_messages([kept], TOOLS, dataclasses.replace(ABLE, takes_long_ids=False)) == [kept]


@pytest.mark.parametrize("source", [GEMMA, LLAMA2, None])
def test_a_template_without_tools_gets_them_as_text(source: str | None) -> None:
    dialect = find_dialect(make_template(source))
    assert (dialect.shows_tools, dialect.writes_calls, dialect.calls) == (False, False, FALLBACK)
    fitted = fit_messages(CONVERSATION, TOOLS, dialect)
    assert fitted[0].role is Role.SYSTEM
    assert '"get_weather"' in texts(fitted)[0]
    assert "<tool_call>" in texts(fitted)[0]
    assert not any(message.tool_calls or message.role is Role.TOOL for message in fitted)
    assert texts(fitted)[3:5] == ["Result of write-note:noted", "Result of get_weather:sunny"]
    written = "\n".join(part.text for part in fitted[2].parts if isinstance(part, TextPart))
    got = summarise(parse(dialect, "", [written]))
    assert got.content == "Well."
    assert got.calls == (("get_weather", {"city": "Rome"}), ("write-note", {}))


def test_without_tools_a_template_gets_nothing_more() -> None:
    assert fit_messages([USER], [], find_dialect(make_template(GEMMA))) == [USER]


LIST = ToolFormat(CallStyle.OBJECT, section_start="<calls>", section_end="</calls>")
PYTHON = ToolFormat(CallStyle.PYTHON, section_start="<calls>", section_end="</calls>")


@pytest.mark.parametrize("form", [FALLBACK, LIST, PYTHON], ids=["tags", "list", "python"])
def test_a_call_is_written_as_the_parser_reads_it(form: ToolFormat) -> None:
    dialect = dataclasses.replace(ABLE, answer=dataclasses.replace(ABLE.answer, tools=form))
    arguments = {"city": "Rome", "days": 3}
    got = summarise(parse(dialect, "", [write_call(form, "get_weather", arguments)]))
    assert got.calls == (("get_weather", arguments),)


def test_the_example_is_a_call_as_the_template_writes_it() -> None:
    written = "[function_name argument_name=value][function_name another_argument=another value]"
    assert find_dialect(make_template(TOOLS_AS_OBJECT)).example.endswith(written)
    assert find_dialect(make_template(GEMMA)).example.startswith("<tool_call>")
    described = describe_tools(TOOLS, "EXAMPLE")
    assert described.endswith("EXAMPLE")
    assert all(f'"{name}"' in described for name in ("get_weather", "write-note"))
