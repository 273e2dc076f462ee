from __future__ import annotations

import pytest

from endpoint.text.tools.surrogates import mend
from endpoint.text.tools.values import Kind, kind_of, member, parse_value, to_json


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind.TEXT),
        ({"type": ["string"]}, Kind.TEXT),
        ({"type": "integer"}, Kind.JSON),
        ({"type": ["integer", "null"]}, Kind.JSON),
        ({"type": ["string", "null"]}, Kind.GUESS),
        ({"enum": ["a", "b"]}, Kind.TEXT),
        ({"enum": [1, 2]}, Kind.JSON),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, Kind.GUESS),
        ({"oneOf": [{"type": "object"}, {"type": "array"}]}, Kind.JSON),
        ({"anyOf": [{"$ref": "#/x"}, {"type": "string"}]}, Kind.GUESS),
        ({"$ref": "#/x"}, Kind.GUESS),
        ({"type": 7, "enum": "no list", "anyOf": {}}, Kind.GUESS),
        ({}, Kind.GUESS),
    ],
)
def test_a_schema_says_how_to_read_a_value(schema: dict[str, object], kind: Kind) -> None:
    assert kind_of(schema) is kind


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7", Kind.TEXT, "7"),
        ("7", Kind.JSON, 7),
        ("7", Kind.GUESS, 7),
        ('"7"', Kind.GUESS, '"7"'),
        ('"7"', Kind.JSON, "7"),
        (" true\n", Kind.JSON, True),
        ("True", Kind.JSON, True),
        ("None", Kind.GUESS, None),
        ("{'a': 1}", Kind.JSON, {"a": 1}),
        ("{broken", Kind.JSON, "{broken"),
        ("two words", Kind.GUESS, "two words"),
        ("[" * 100_000, Kind.JSON, "[" * 100_000),
    ],
)
def test_a_value_is_read_as_its_kind_or_left_as_it_is(text: str, kind: Kind, value: object) -> None:
    assert parse_value(text, kind) == value


def test_a_property_is_found_in_schemas_of_any_shape() -> None:
    assert member({"properties": {"a": {"type": "string"}}}, "a") == {"type": "string"}
    odd: tuple[dict[str, object], ...] = ({}, {"properties": []}, {"properties": {"a": True}})
    for schema in odd:
        assert member(schema, "a") == {}


def test_surrogates_are_joined_and_lone_ones_replaced() -> None:
    assert mend("\ud83d\ude00 \ud800") == "😀 \ufffd"
    assert to_json({"a": "\ud800é"}) == '{"a": "\ufffdé"}'
