from __future__ import annotations

from endpoint.text.tools.references import MOST_NODES, follow_references
from endpoint.text.tools.values import Kind, kind_of, member


def test_a_type_behind_references_is_found() -> None:
    schema = {
        "properties": {"place": {"$ref": "#/$defs/a~1b", "description": "where"}, "count": {"$ref": "#/$defs/count"}},
        "$defs": {"a/b": {"$ref": "#/$defs/text"}, "text": {"type": "string"}, "count": {"const": 3}},
    }
    followed = follow_references(schema)
    assert kind_of(member(followed, "place")) is Kind.TEXT
    assert member(followed, "place")["description"] == "where"
    assert kind_of(member(followed, "count")) is Kind.JSON
    assert kind_of(member(schema, "place")) is Kind.GUESS


def test_a_schema_without_references_is_itself() -> None:
    schema = {"properties": {"place": {"type": "string"}}}
    assert follow_references(schema) is schema


def test_references_that_run_in_circles_or_nowhere_say_nothing() -> None:
    circle = {"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}}
    assert kind_of(member(follow_references(circle), "a")) is Kind.GUESS
    for reference in ("#/$defs/missing", "https://example.org/schema", "#", ""):
        followed = follow_references({"properties": {"a": {"$ref": reference}}})
        assert kind_of(member(followed, "a")) is Kind.GUESS


def test_references_that_multiply_are_cut_short() -> None:
    tree = {"properties": {key: {"$ref": "#"} for key in "abcdefghij"}}
    assert str(follow_references(tree)).count("properties") < MOST_NODES
