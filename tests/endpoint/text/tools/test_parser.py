from __future__ import annotations

import pytest

from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning
from endpoint.text.tools.parser import SegmentParser
from tests.endpoint.text.tools.answers import (
    CODER,
    ELEMENTS,
    FUNCTIONARY,
    GEMMA,
    HARMONY,
    HERMES,
    LLAMA,
    MISTRAL,
    OURS,
    PYTHON,
    parse,
    read,
    weather,
)
from tests.endpoint.text.tools.turns import SCHEMAS, Answer, summarise


def test_text_before_a_call_is_content_and_no_markup_is_shown() -> None:
    text = 'Let me see.\n\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>'
    assert parse(HERMES, text) == [
        Content("Let me see."),
        CallStart(0, "get_weather"),
        CallArguments(0, '{"city": "Rome"}'),
        CallEnd(0),
    ]


def test_arguments_come_before_they_are_complete() -> None:
    parser = SegmentParser(HERMES, SCHEMAS)
    assert parser.feed('<tool_call>{"name": "get_weather"') == []
    assert parser.feed(', "arguments": {"city": "Ro') == [CallStart(0, "get_weather"), CallArguments(0, '{"city": "Ro')]
    assert parser.feed("me") == [CallArguments(0, "me")]


@pytest.mark.parametrize(
    "text",
    [
        "Write <tool_call> around it.",
        "<tool_call>not JSON</tool_call> is wrong",
        '<tool_call>{"city": "Rome"}</tool_call>',
        '<tool_call>{"name": 7, "arguments": {}}</tool_call>',
        "a < b and b > a",
        "<tool_call>",
        "<tool_ca",
        '{"name": "get_weather"}',
        "  indented\n",
    ],
)
def test_what_is_no_call_is_content(text: str) -> None:
    assert parse(HERMES, text) == [Content(text)]
    assert parse(HERMES, *text) == [Content(text)]


def test_without_tools_a_call_is_content() -> None:
    text = '<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>'
    assert parse(HERMES, text, tools=False) == [Content(text)]


def test_a_call_that_the_end_cuts_off_keeps_what_there_is() -> None:
    got = parse(HERMES, '<tool_call>{"name": "get_weather", "arguments": {"city": "Ro')
    assert got == [CallStart(0, "get_weather"), CallArguments(0, '{"city": "Ro'), CallEnd(0)]
    assert summarise(parse(CODER, "<function=get_weather><parameter=city>Ro")).calls == (
        ("get_weather", '{"city": "Ro'),
    )
    assert summarise(parse(PYTHON, "<|call|>[get_weather(city='Ro")).calls == (("get_weather", "city='Ro"),)
    assert summarise(parse(GEMMA, "<|tool_call>call:get_weather{city:")).calls == (("get_weather", "city:"),)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('{"name": "get_weather", "arguments": "{\\"city\\": \\"Rome\\"}"}', {"city": "Rome"}),
        ('{"arguments": {"city": "Rome"}, "name": "get_weather"}', {"city": "Rome"}),
        ('{"id": "x1", "name": "get_weather", "arguments": {"city": "Rome"}, "more": [1]}', {"city": "Rome"}),
        ('{"name": "get_weather", "parameters": {"city": "Rome"}}', {"city": "Rome"}),
        ('{"name": "get_weather"}', {}),
        ('{"name": "get_weather", "arguments": null}', {}),
        ('{"name": "get_weather", "arguments": {}}', {}),
        ('{"name": "get_weather", "arguments": {"city": }}', '{"city": }'),
        ('{"name": "get_weather", "arguments": {"city": "}]\\"{"}}', {"city": '}]"{'}),
    ],
)
def test_a_json_call_is_read_however_it_is_written(text: str, arguments: object) -> None:
    got = read(HERMES, f"<tool_call>\n{text}\n</tool_call>")
    assert got == Answer(calls=(("get_weather", arguments),))


def test_lone_surrogates_never_come_out() -> None:
    text = '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"\\ud800\\"}"}</tool_call>'
    for segment in parse(HERMES, text):
        if isinstance(segment, CallArguments):
            segment.text.encode()


def test_a_bare_call_must_name_a_tool_that_was_offered() -> None:
    call = '{"name": "get_weather", "parameters": {"city": "Rome"}}'
    assert read(LLAMA, call).calls == (weather(city="Rome"),)
    assert read(LLAMA, f"<|python_tag|>{call}; {call}").calls == (weather(city="Rome"), weather(city="Rome"))
    for text in (
        '{"name": "Ada", "parameters": {}}',
        '{"answer": [1, {"a": 2}]} is it',
        "[1, 2]",
        "{",
        '{"name": "get_',
    ):
        assert read(LLAMA, text) == Answer(content=text)


def test_a_call_in_our_format_may_lack_its_marks_but_not_its_tool() -> None:
    call = '{"name": "get_weather", "arguments": {"city": "Rome"}}'
    for text in (call, f"<tool_call>{call}", f"<tool_call>{call}</tool_call>"):
        assert read(OURS, text).calls == (weather(city="Rome"),)
    for text in ('{"name": "Ada", "arguments": {}}', '<tool_call>{"name": "Ada", "arguments": {}}</tool_call>'):
        assert read(OURS, text) == Answer(content=text)


def test_several_objects_between_one_pair_of_marks_are_several_calls() -> None:
    call = '{"name": "get_weather", "arguments": {}}'
    for text in (f"<tool_call>[{call}, {call}]</tool_call> Done.", f"<tool_call>{call}\n{call}</tool_call>Done."):
        assert read(HERMES, text) == Answer("Done.", calls=(weather(), weather()))


def test_reasoning_that_the_prompt_opened_is_reasoning() -> None:
    assert parse(HERMES, "Hm.\n</think>\n\nYes.", opening="<|im_start|>assistant\n<think>\n") == [
        Reasoning("Hm."),
        Content("Yes."),
    ]
    assert parse(HERMES, "Hm.", opening="<think>\n") == [Reasoning("Hm.")]
    assert parse(HERMES, "Yes.", opening="<think>\n\n</think>\n\n") == [Content("Yes.")]


@pytest.mark.parametrize("tools", [True, False])
def test_content_may_be_addressed_like_a_call(tools: bool) -> None:
    opening = "<|assistant|>\n\n>>>"
    assert parse(FUNCTIONARY, "all\nYes.", opening=opening, tools=tools) == [Content("Yes.")]
    assert parse(FUNCTIONARY, *"all\nYes.", opening=opening, tools=tools) == [Content("Yes.")]
    assert parse(FUNCTIONARY, "Yes.", opening=opening, tools=tools) == [Content("Yes.")]
    text = 'all\nWait.>>>get_weather\n{"city": "Rome"}'
    if tools:
        assert read(FUNCTIONARY, text, opening) == Answer("Wait.", calls=(weather(city="Rome"),))


def test_an_opening_that_is_no_markup_is_ignored() -> None:
    assert parse(HERMES, "Yes.", opening="the user said <think> so") == [Content("Yes.")]


def test_nothing_counts_after_the_turns_end_until_it_opens_again() -> None:
    assert read(HERMES, "One.<|im_end|>\njunk<|im_start|>assistant\n two.") == Answer("One.two.")


@pytest.mark.parametrize(
    "head",
    [
        "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>",
        " to=functions.get_weather<|channel|>commentary json<|message|>",
        "<|channel|>analysis to=functions.get_weather code<|message|>",
    ],
)
def test_harmony_is_read_in_every_order(head: str) -> None:
    opening = "<|start|>assistant"
    thought = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
    said = "<|channel|>commentary<|message|>Wait.<|end|><|start|>assistant"
    got = read(HARMONY, f'{thought}{said}{head}{{"city": "Rome"}}<|call|>', opening)
    assert got == Answer("Wait.", "Hm.", (weather(city="Rome"),))
    assert read(HARMONY, f"{thought}<|channel|>final<|message|>Yes.<|return|>", opening) == Answer("Yes.", "Hm.")


def test_parameters_take_their_types_from_the_schema() -> None:
    values = {"city": "7", "days": "7", "exact": "True", "other": "7"}
    body = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in values.items())
    got = read(CODER, f"<tool_call>\n<function=get_weather>\n{body}</function>\n</tool_call>")
    assert got.calls == (weather(city="7", days=7, exact=True, other=7),)


def test_parameters_may_lack_their_outer_marks() -> None:
    text = "<function=get_weather><parameter=city>Rome</parameter></function>\n<function=get_weather></function> Done."
    assert read(CODER, text) == Answer("Done.", calls=(weather(city="Rome"), weather()))


def test_a_parameter_keeps_its_own_line_breaks() -> None:
    text = "<function=write-note><parameter=text>\n\na\n\n</parameter></function>"
    assert read(CODER, text).calls == (("write-note", {"text": "\na\n"}),)


def test_a_name_in_markup_must_be_a_name() -> None:
    assert read(MISTRAL, "[TOOL_CALLS]get_weather[ARGS]{}[TOOL_CALLS]write-note[ARGS]{}").calls == (
        weather(),
        ("write-note", {}),
    )
    text = "[TOOL_CALLS] is what [ARGS] follows"
    assert read(MISTRAL, text) == Answer(content=text)
    text = "[TOOL_CALLS] " + 500 * "x"
    assert read(MISTRAL, text) == Answer(content=text)


def test_python_calls_and_bare_keys_become_json() -> None:
    text = (
        """<|call|>[get_weather(city='it\\'s "Rome"', days=-2, exact=False), write-note(text="a", at={'line': None})]"""
    )
    calls = (weather(city='it\'s "Rome"', days=-2, exact=False), ("write-note", {"text": "a", "at": {"line": None}}))
    assert read(PYTHON, f"{text}<|end_call|>").calls == calls
    text = '<|tool_call>call:get_weather{city:<|"|>a, {b}<|"|>,days:3,tags:[<|"|>x<|"|>,true]}<tool_call|>'
    assert read(GEMMA, text).calls == (weather(city="a, {b}", days=3, tags=["x", True]),)


def test_what_cannot_be_converted_is_handed_on_as_it_is() -> None:
    assert read(PYTHON, "<|call|>[get_weather('Rome')]<|end_call|>").calls == (("get_weather", "'Rome'"),)
    assert read(ELEMENTS, "~<invoke name=get_weather>~<city>Rome~</invoke>").calls == (("get_weather", "~<city>Rome"),)


def test_elements_nest_and_take_their_types_from_the_schema() -> None:
    text = "~<text><b>1</b>~</text>~<tags>~<item>2~</item>~</tags>~<at>~<line>3~</line>~</at>"
    got = read(ELEMENTS, f"~<invoke name=write-note>{text}~</invoke>")
    assert got.calls == (("write-note", {"text": "<b>1</b>", "tags": ["2"], "at": {"line": 3}}),)
