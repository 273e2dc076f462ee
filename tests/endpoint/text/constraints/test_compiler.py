"""What is compiled, what is refused and how it is told, and what hostile input costs."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re

import pytest

from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind
from endpoint.providers.constraint import Constraint
from endpoint.providers.fake import END
from endpoint.text.constraints.compiler import ConstraintCompiler, Wish
from endpoint.text.constraints.grammar_constraint import GrammarFailed
from tests.endpoint.text.constraints.walking import allowed_tokens, make_model, walk

MODEL = make_model()
IMPOSSIBLE = {
    "type": "object",
    "properties": {"a~/b": {"type": "integer", "minimum": 5, "maximum": 2}},
    "required": ["a~/b"],
}
PARAM = "response_format.json_schema.schema"


def compile_output(kind: OutputKind, source: object = "", *, lenient: bool = False) -> Constraint:
    output = OutputFormat(kind, PARAM, source, lenient)  # type: ignore[arg-type]  # hostile sources have any type
    made = asyncio.run(ConstraintCompiler().compile(MODEL, Wish(output)))
    assert made is not None
    return made()


def say(kind: OutputKind, source: object = "", seed: int = 1) -> str:
    return bytes(walk(compile_output(kind, source), random.Random(seed))).decode()


def test_each_kind_of_form_is_kept() -> None:
    assert say(OutputKind.JSON_OBJECT).startswith("{")
    assert say(OutputKind.JSON_SCHEMA, {"enum": [3, "x"]}) in {"3", '"x"'}
    assert re.fullmatch("[0-9]{3}-[a-z]", say(OutputKind.REGEX, "[0-9]{3}-[a-z]"))
    assert say(OutputKind.GRAMMAR, 'start: "yes" | "no"') in {"yes", "no"}
    assert say(OutputKind.GRAMMAR, 'root ::= "yes" | "no"') in {"yes", "no"}


def test_json_is_written_in_one_line_without_blanks_to_ramble_in() -> None:
    schema = {"const": {"a": [1, 2], "b": {}}}
    assert say(OutputKind.JSON_SCHEMA, schema) == '{"a": [1, 2], "b": {}}'


def test_a_form_that_is_complete_forces_the_end() -> None:
    constraint = compile_output(OutputKind.REGEX, "ab")
    assert list(constraint.forced()) == [*b"ab"]
    for token in b"ab":
        assert not constraint.allows(END)
        constraint.accept(token)
    assert list(constraint.forced()) == [END]
    assert constraint.allows(END)


def test_no_wish_compiles_nothing() -> None:
    assert asyncio.run(ConstraintCompiler().compile(MODEL, Wish())) is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"properties": {"a": {"type": "array", "uniqueItems": True}}}, ["/properties/a", "uniqueItems"]),
        ({"anyOf": [{}, {"items": {"not": {}}}]}, ["/anyOf/1/items", "not"]),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"if": {}}}}, ["/$defs/x", "if"]),
        ({"$ref": "#/$defs/x"}, ["$defs/x", "does not exist"]),
        (IMPOSSIBLE, ["root", "a~/b"]),
        ({"properties": {"a~/b": {"not": {}}}}, ["/properties/a~0~1b"]),
        ({"properties": {"p": {"type": "string", "pattern": "(a"}}}, ["/properties/p", "unclosed group"]),
        ({"type": "string", "format": "iri"}, ["root", "iri"]),
        ({"$ref": "#"}, ["nothing fits"]),
        (False, ["false"]),
        ({"enum": []}, ["root"]),
        (7, ["must be a JSON Schema"]),
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_honoured_is_refused_with_its_part(schema: object, words: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        compile_output(OutputKind.JSON_SCHEMA, schema)
    assert caught.value.param == PARAM
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_lenient_schema_is_honoured_as_far_as_it_goes() -> None:
    compile_output(OutputKind.JSON_SCHEMA, {"type": "array", "uniqueItems": True}, lenient=True)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (OutputKind.REGEX, "(a"),
        (OutputKind.REGEX, ""),
        (OutputKind.GRAMMAR, "start: missing"),
        (OutputKind.GRAMMAR, "x"),
    ],
)
def test_a_wrong_expression_or_grammar_is_refused(kind: OutputKind, source: str) -> None:
    with pytest.raises(InvalidRequest):
        compile_output(kind, source)


def nested(depth: int) -> dict[str, object]:
    schema: dict[str, object] = {}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (OutputKind.JSON_SCHEMA, nested(100_000)),
        (OutputKind.JSON_SCHEMA, nested(60)),
        (OutputKind.JSON_SCHEMA, {"properties": {f"k{n}": {} for n in range(5000)}}),
        (OutputKind.JSON_SCHEMA, {"enum": ["x" * 300_000]}),
        (OutputKind.REGEX, "x" * 100_000),
        (OutputKind.GRAMMAR, "root ::= " + "(" * 60_000),
        (
            OutputKind.JSON_SCHEMA,
            {"allOf": [{"anyOf": [nested(1), {"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(14)]},
        ),
    ],
    ids=["deep", "deeper than allowed", "wide", "long", "long regex", "brackets", "exponential"],
)
def test_hostile_input_is_refused(kind: OutputKind, source: object) -> None:
    with pytest.raises(InvalidRequest):
        compile_output(kind, source)


@pytest.mark.parametrize(
    "pattern", ["(a{1,1000}){1,1000}", ".*[ab].{60}", "(.*a.*b.*c.*d.*){5}(x+x+)+y", "(a|b)*a(a|b){20}"]
)
def test_an_expression_that_explodes_goes_on_or_ends_its_own_job(pattern: str) -> None:
    constraint = compile_output(OutputKind.JSON_SCHEMA, {"type": "string", "pattern": pattern})
    rng = random.Random(1)
    with contextlib.suppress(GrammarFailed):  # the library gives up
        for _ in range(60):
            token = next(iter(constraint.forced()), None)
            if token is None:
                token = rng.choice(allowed_tokens(constraint.mask()))
            constraint.accept(token)
            if token == END:
                break
