from __future__ import annotations

import json

import pytest

from endpoint.providers.fake import END, FakeTokenizer
from endpoint.text.constraints.grammar_constraint import Grammar
from endpoint.text.constraints.schemas import prepare, to_grammar
from endpoint.text.constraints.vocabulary import make_vocabulary

VOCABULARY = make_vocabulary(FakeTokenizer(), 257, "<|end|>")


def takes(schema: dict[str, object], value: str) -> bool:
    constraint = Grammar(to_grammar(prepare(schema)), VOCABULARY).make_constraint()
    for token in json.dumps(value).encode():
        if not constraint.allows(token):
            return False
        constraint.accept(token)
    return constraint.allows(END)


@pytest.mark.parametrize(
    ("kind", "value", "is_one"),
    [
        ("date", "2024-02-29", True),
        ("date", "2000-02-29", True),
        ("date", "2023-02-29", False),
        ("date", "1900-02-29", False),
        ("date", "2023-12-31", True),
        ("date", "2023-11-31", False),
        ("time", "23:59:59Z", True),
        ("time", "12:30:60Z", False),
        ("date-time", "2024-02-29T08:30:06.283185Z", True),
        ("date-time", "2023-02-29T08:30:06Z", False),
        ("date-time", "1998-12-31T23:58:60Z", False),
    ],
)
def test_dates_and_times_are_those_that_there_are(kind: str, value: str, is_one: bool) -> None:
    assert takes({"type": "string", "format": kind}, value) is is_one


def test_what_else_a_schema_says_of_a_date_holds_too() -> None:
    schema: dict[str, object] = {"type": "string", "format": "date", "allOf": [{"pattern": "^19"}], "pattern": "-01$"}
    assert takes(schema, "1999-05-01")
    assert not takes(schema, "2000-05-01")
    assert not takes(schema, "1999-05-02")


@pytest.mark.parametrize("stated", ["int64", 3, [], {}, None])
def test_what_is_no_format_of_json_schema_says_nothing(stated: object) -> None:
    assert takes({"type": "string", "format": stated}, "anything")
