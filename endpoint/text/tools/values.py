"""Argument values written as plain text, turned into what the tool's schema says they are. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, auto

from endpoint.text.tools.loose import parse_loose
from endpoint.text.tools.surrogates import mend

Schema = Mapping[str, object]
"""A JSON Schema, as the client sent it: nothing about its shape is sure."""

NO_SCHEMA: Schema = {}


class Kind(Enum):
    """How to read a value's text."""

    TEXT = auto()  # as it is
    JSON = auto()
    GUESS = auto()  # as JSON where it is a whole value other than a string, else as it is


def member(schema: Schema, key: str) -> Schema:
    """The schema of a property; empty when there is none."""
    properties = schema.get("properties")
    found = properties.get(key) if isinstance(properties, Mapping) else None
    return found if isinstance(found, Mapping) else NO_SCHEMA


def items_of(schema: Schema) -> Schema:
    """The schema of an array's items; empty when there is none."""
    found = schema.get("items")
    return found if isinstance(found, Mapping) else NO_SCHEMA


def kind_of(schema: Schema) -> Kind:
    """What the schema says of a value's type."""
    types = _types(schema)
    if not types:
        return Kind.GUESS
    if "string" not in types:
        return Kind.JSON
    return Kind.TEXT if types <= {"string"} else Kind.GUESS


def parse_value(text: str, kind: Kind) -> object:
    """The value; the text itself where it isn't what it should be."""
    if kind is Kind.TEXT:
        return text
    value = _read(text.strip())
    if value is _UNREADABLE or (kind is Kind.GUESS and isinstance(value, str)):
        return text
    return value


def to_json(value: object) -> str:
    """As JSON text."""
    return mend(json.dumps(value, ensure_ascii=False))


_UNREADABLE = object()
_WORDS = {"True": True, "False": False, "None": None}


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if text in _WORDS:
        return _WORDS[text]
    if not text.startswith(("{", "[")):
        return _UNREADABLE
    try:  # some templates print Python's own notation
        return parse_loose(text)
    except ValueError:
        return _UNREADABLE


def _types(schema: Schema) -> frozenset[str]:
    """All types that a value may have; none when the schema doesn't say."""
    stated = schema.get("type")
    if isinstance(stated, str):
        return frozenset({stated})
    if isinstance(stated, list):
        return frozenset(each for each in stated if isinstance(each, str))
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(choices, list) and choices:
        return frozenset("string" if isinstance(choice, str) else "other" for choice in choices)
    for word in ("anyOf", "oneOf"):
        branches = schema.get(word)
        if isinstance(branches, list) and branches:
            kinds = [_types(branch) if isinstance(branch, Mapping) else frozenset() for branch in branches]
            return frozenset().union(*kinds) if all(kinds) else frozenset()
    return frozenset()
