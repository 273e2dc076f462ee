"""Forced calls: whatever the grammar admits, drawn at random, comes back from our own reader as calls that fit."""

from __future__ import annotations

import asyncio
import random

import pytest
from jsonschema import Draft202012Validator

from endpoint.conversation import Message, Role, TextPart, Tool
from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind, ToolChoice
from endpoint.providers.base import ModelInfo
from endpoint.providers.constraint import MakeConstraint
from endpoint.text.constraints.compiler import ConstraintCompiler, Wish
from endpoint.text.template import compile_template
from endpoint.text.tools.dialect import find_dialect
from endpoint.text.tools.formats import AnswerFormat
from endpoint.text.tools.reading import AnswerReading, plan_reading
from endpoint.text.tools.references import follow_references
from tests.endpoint.text.constraints.walking import make_model, walk
from tests.endpoint.text.tools.answers import FORMATS, FUNCTIONARY, HARMONY, HERMES, LLAMA, PYTHON
from tests.endpoint.text.tools.archive import real_templates
from tests.endpoint.text.tools.turns import QUESTION, SCHEMAS, Answer, render, summarise

SEARCH: dict[str, object] = {
    "type": "object",
    "properties": {
        "q": {"type": "string", "pattern": "^[a-c]{2,4}$"},
        "kind": {"enum": ["a b", "c"]},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "anything": {},
        "place": {"$ref": "#/$defs/place"},
        "step": {"$ref": "#/$defs/step"},
        "either": {"type": ["integer", "string"]},
        "fixed": {"const": "x"},
        "short": {"type": "string", "maxLength": 5},
    },
    "required": ["q", "place", "step", "either"],
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"x": {"type": "number"}},
            "required": ["x"],
            "additionalProperties": False,
        },
        "step": {"type": "string", "enum": ["one", "two"]},
    },
}
TOOLS = {**SCHEMAS, "search": SEARCH}
BAD: dict[str, object] = {"properties": {"a": {"not": {}}}}
REQUIRED = ToolChoice(must_call=True)
MODEL = make_model()


def make_reading(answer: AnswerFormat, opening: str = "") -> AnswerReading:
    return AnswerReading(answer, {name: follow_references(schema) for name, schema in TOOLS.items()}, opening, {})


def compile_wish(wish: Wish) -> MakeConstraint:
    made = asyncio.run(ConstraintCompiler().compile(MODEL, wish))
    assert made is not None
    return made


def aims_of(answer: AnswerFormat) -> list[bytes]:
    """The marks that end a text."""
    form = answer.tools
    assert form is not None
    line = "\n" if form.value_lines else ""
    elements = [f"{form.prefix}</{key}>" for schema in TOOLS.values() for key in members(schema)]
    reasoning = answer.reasoning.end if answer.reasoning else ""
    marks = (line + form.value_end, form.call_end, form.section_end, '<|"|>', reasoning)
    return [mark.encode() for mark in (*marks, *(elements if form.prefix else ())) if mark]


def members(schema: dict[str, object]) -> list[str]:
    properties = schema["properties"]
    assert isinstance(properties, dict)
    return list(properties)


def read(reading: AnswerReading, tokens: list[int]) -> Answer:
    parser = reading.parser()
    text = bytes(tokens).decode("utf-8", "replace")  # reasoning may be any bytes
    segments = [segment for char in text for segment in parser.feed(char)]
    return summarise([*segments, *parser.finish()])


def check(reading: AnswerReading, make: MakeConstraint, seeds: range, *, several: bool) -> None:
    for seed in seeds:
        tokens = walk(make(), random.Random(seed), aims_of(reading.answer))
        answer = read(reading, tokens)
        shown = bytes(tokens).decode("utf-8", "replace")
        assert answer.calls, shown
        assert several or len(answer.calls) == 1, shown
        assert not answer.content, shown
        for name, arguments in answer.calls:
            errors = [error.message for error in Draft202012Validator(TOOLS[name]).iter_errors(arguments)]
            assert not errors, f"{errors}: {shown}"


@pytest.mark.parametrize("several", [True, False])
@pytest.mark.parametrize("place", range(len(FORMATS)))
def test_any_forced_call_is_read_back_and_fits_its_schema(place: int, several: bool) -> None:
    reading = make_reading(FORMATS[place])
    make = compile_wish(Wish(None, REQUIRED, reading, TOOLS, several))
    check(reading, make, range(5), several=several)


@pytest.mark.slow_suite
@pytest.mark.parametrize("name", real_templates())
def test_any_forced_call_is_read_back_in_the_format_of_every_real_template(name: str) -> None:
    template = compile_template(ModelInfo(name, None, 4096, 4096, 257, real_templates()[name], "<s>", "</s>"))
    dialect = find_dialect(template)
    prompt = render(template, dialect, [Message(Role.USER, (TextPart(QUESTION),))], open_turn=True)
    tools = [Tool(tool, "", schema) for tool, schema in TOOLS.items()]
    reading = plan_reading(dialect, tools, prompt, MODEL.tokenizer)
    assert reading is not None
    for several in (True, False):
        make = compile_wish(Wish(None, REQUIRED, reading, TOOLS, several))
        check(reading, make, range(6), several=several)


def test_only_the_named_tool_is_called() -> None:
    make = compile_wish(Wish(None, ToolChoice(must_call=True, only=("search",)), make_reading(HERMES), TOOLS))
    reading = make_reading(HERMES)
    for seed in range(5):
        calls = read(reading, walk(make(), random.Random(seed), aims_of(HERMES))).calls
        assert {name for name, _ in calls} == {"search"}


def test_a_call_begins_behind_what_the_prompt_has_written_of_it() -> None:
    reading = make_reading(FUNCTIONARY, "<|assistant|>>>>")
    check(reading, compile_wish(Wish(None, REQUIRED, reading, TOOLS)), range(5), several=True)


def test_a_form_of_content_leaves_offered_tools_to_the_model() -> None:
    output = OutputFormat(OutputKind.JSON_SCHEMA, "response_format", {"const": {"answer": 42}})
    reading = make_reading(HARMONY)
    make = compile_wish(Wish(output, ToolChoice(), reading, TOOLS))
    answers = [read(reading, walk(make(), random.Random(seed), aims_of(HARMONY))) for seed in range(12)]
    assert {bool(answer.calls) for answer in answers} == {True, False}
    assert {answer.content for answer in answers if not answer.calls} == {'{"answer": 42}'}


@pytest.mark.parametrize(
    ("choice", "tools", "param", "words"),
    [
        (REQUIRED, {}, "tool_choice", "there are no tools"),
        (ToolChoice(True, ("fly",)), TOOLS, "tool_choice", "'fly'"),
        (
            REQUIRED,
            {**TOOLS, "bad": {"properties": {"a": {"not": {}}}}},
            "tools[3].function.parameters",
            "/properties/a",
        ),
        (REQUIRED, {"two words": {}}, "tools", "its name"),
    ],
)
def test_what_cannot_be_forced_is_refused_by_name(
    choice: ToolChoice, tools: dict[str, dict[str, object]], param: str, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words.replace("[", r"\[")) as caught:
        compile_wish(Wish(None, choice, make_reading(LLAMA), tools))
    assert caught.value.param == param


def test_parameters_that_a_format_cannot_tell_are_refused() -> None:
    tools = {"open": {"type": "object", "minProperties": 1, "properties": {"a": {"type": "string"}}}}
    with pytest.raises(InvalidRequest, match="minProperties"):
        compile_wish(Wish(None, REQUIRED, make_reading(PYTHON), tools))
