"""JSON Schemas as grammars, and where in a schema an error lies. Pure.

A schema is honoured in full or refused: llguidance names what it can't do, and here the place is added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from llguidance import LLMatcher

from endpoint.text.constraints.dates import PATTERNS
from endpoint.text.constraints.integers import bound_integer, names_large

MOST_BYTES = 256 * 1024
"""Of a schema as JSON."""
MOST_PARTS = 800
"""Subschemas: compiling takes time that grows with their square."""
MOST_DEPTH = 48
SEARCHED_PARTS = 300
"""Up to so many subschemas are tried out to find the one that is wrong."""

_SPACING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_STRICT = {**_SPACING, "coerce_one_of": False, "lenient": False}
_LENIENT = {**_SPACING, "coerce_one_of": True, "lenient": True}
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED = ("anyOf", "allOf", "oneOf", "prefixItems")
_SINGLE = [
    "items",
    "additionalProperties",
    "additionalItems",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
]
_STANDARD_FORMATS = frozenset(
    [
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ]
)
_SAYS_NOTHING: Mapping[str, Sequence[object]] = {
    "propertyNames": [True, {}, {"type": "string"}],
    "unevaluatedProperties": [True, {}],
    "unevaluatedItems": [True, {}],
    "dependentRequired": [{}],
    "dependentSchemas": [{}],
    "uniqueItems": [False],
    "not": [False],
}
"""Values of keywords that the library doesn't have, with which they are fulfilled whatever comes: some generators of
schemas write them everywhere."""

Schema = Mapping[str, object]


class SchemaRefused(Exception):
    """The schema is too large, or not one at all; the message completes a sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """A subschema and its place, as a JSON pointer."""

    pointer: str
    schema: object


def prepare(schema: Mapping[str, object] | bool, *, lenient: bool = False) -> dict[str, object]:
    """A schema for the library: its options set, formats left out that JSON Schema doesn't define ("password", "int64":
    they say nothing about the text), those of dates made strict; integers without
    bounds get some. Raises SchemaRefused."""
    if schema is False:
        raise SchemaRefused("is false, which nothing satisfies")
    whole: dict[str, object] = {} if schema is True else dict(schema)
    try:
        size = len(json.dumps(whole, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise SchemaRefused("can't be written as JSON, or is nested too deeply") from error
    if size > MOST_BYTES:
        raise SchemaRefused(f"has {size} bytes; {MOST_BYTES} are allowed")
    for count, _ in enumerate(parts_of(whole), start=1):
        if count > MOST_PARTS:
            raise SchemaRefused(f"has more than {MOST_PARTS} parts")
    mended = map_parts(whole, _mend)
    if not names_large(part.schema for part in parts_of(mended)):
        mended = map_parts(mended, bound_integer)
    return {**mended, "x-guidance": _LENIENT if lenient else _STRICT}


def to_grammar(prepared: Schema) -> str:
    """The grammar of a prepared schema; whether it is right shows when it is compiled."""
    return LLMatcher.grammar_from_json_schema(json.dumps(prepared))


def find_wrong_part(prepared: Schema, message: str, compile_error: Callable[[str], str | None]) -> str:
    """The pointer of the smallest part that fails by itself with just this message; "" for the whole."""
    options = prepared.get("x-guidance")
    shared = {key: prepared[key] for key in ("$defs", "definitions") if key in prepared}
    found = ""
    for count, part in enumerate(parts_of(prepared)):
        if count > SEARCHED_PARTS:
            break
        if not isinstance(part.schema, Mapping) or len(part.pointer) <= len(found):
            continue
        alone = {**shared, **part.schema, "x-guidance": options}
        if part.pointer.startswith(found) and compile_error(to_grammar(alone)) == message:
            found = part.pointer
    return found


def parts_of(schema: Schema) -> Iterator[Part]:
    """All subschemas, each before its own. Raises SchemaRefused when they are nested too deeply."""
    waiting = [(Part("", schema), 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise SchemaRefused(f"is nested more than {MOST_DEPTH} deep")
        yield part
        waiting += [(child, depth + 1) for child in _children(part)]


def _children(part: Part) -> Iterator[Part]:
    schema = part.schema
    if not isinstance(schema, Mapping):
        return
    for word in _NAMED:
        named = schema.get(word)
        if isinstance(named, Mapping):
            yield from (Part(f"{part.pointer}/{word}/{_escape(name)}", each) for name, each in named.items())
    for word in (*_LISTED, "items"):
        listed = schema.get(word)
        if isinstance(listed, list):
            yield from (Part(f"{part.pointer}/{word}/{place}", each) for place, each in enumerate(listed))
    for word in _SINGLE:
        if isinstance(schema.get(word), Mapping):
            yield Part(f"{part.pointer}/{word}", schema[word])


def _escape(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def map_parts(schema: Schema, change: Callable[[Schema], Schema]) -> dict[str, object]:
    """A copy with each subschema changed, its own ones first. What is no schema (an enum's values) stays."""
    return dict(change({word: _map_word(word, value, change) for word, value in schema.items()}))


def _map_word(word: str, value: object, change: Callable[[Schema], Schema]) -> object:
    if word in _NAMED and isinstance(value, Mapping):
        return {name: _map_one(each, change) for name, each in value.items()}
    if (word in _LISTED or word == "items") and isinstance(value, list):
        return [_map_one(each, change) for each in value]
    return _map_one(value, change) if word in _SINGLE else value


def _map_one(schema: object, change: Callable[[Schema], Schema]) -> object:
    return map_parts(schema, change) if isinstance(schema, Mapping) else schema


def _mend(schema: Schema) -> Schema:
    said = {word: value for word, value in schema.items() if value not in _SAYS_NOTHING.get(word, ())}
    return _mend_format(said)


def _mend_format(schema: Schema) -> Schema:
    if "format" not in schema:
        return schema
    stated, others = schema["format"], schema.get("allOf", [])
    if not isinstance(stated, str) or stated not in _STANDARD_FORMATS:
        return {word: value for word, value in schema.items() if word != "format"}
    if stated in PATTERNS and isinstance(others, list):
        return {**schema, "allOf": [*others, {"pattern": PATTERNS[stated]}]}
    return schema
