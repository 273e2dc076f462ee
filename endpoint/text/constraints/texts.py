"""Grammars of values written as plain text up to a mark. Pure.

Our reader takes such text for a string, or for JSON, as `tools.values.kind_of` says; where it has to guess, strings
that look like other JSON are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from endpoint.text.constraints.guards import any_json, guard, is_free
from endpoint.text.constraints.lark import LarkWriter, join, quote_regex
from endpoint.text.constraints.schemas import SchemaRefused
from endpoint.text.tools.references import find_target
from endpoint.text.tools.values import Kind, Schema, parse_value

_ANY = "/(?s:.*)/"
_NO_OTHER_JSON = "/[A-Za-z_](?s:.*)/ & ~/(true|false|null|True|False|None|NaN|Infinity)\\s*/"
_OTHER_TYPES = ("object", "array", "number", "boolean", "null")
_MOST_HOPS = 16
_SHARED = ("$defs", "definitions")


class TextWriter:
    """Values that end with the mark `end`; none of `forbidden` may stand in their text."""

    def __init__(self, lark: LarkWriter, end: str, forbidden: tuple[str, ...]) -> None:
        self._lark = lark
        self._end = end
        self._forbidden = forbidden

    def value(self, schema: Schema, kind: Kind) -> str:
        """A value and its mark; `kind`: what the reader takes it for. Raises SchemaRefused."""
        match kind:
            case Kind.TEXT:
                return self._lark.choice(self._strings(schema, guessed=False))
            case Kind.JSON:
                return self._json(schema)
            case Kind.GUESS:
                return self._lark.choice(self._guessed(schema))

    def _json(self, schema: Schema) -> str:
        return join((self._lark.json(guard(schema, self._forbidden[0])), self._lark.literal(self._end)))

    def _guessed(self, schema: Schema) -> list[str]:
        schema = _resolve(schema)
        for word in ("anyOf", "oneOf"):
            branches = schema.get(word)
            if isinstance(branches, list):
                inner = _branches(schema, branches)
                return [expression for branch in inner for expression in self._guessed(branch)]
        if "allOf" in schema:
            raise SchemaRefused("has allOf in a parameter that may be text, which can't be forced in this format")
        if "enum" in schema or "const" in schema:
            return self._strings(schema, guessed=True)
        if is_free(schema):
            return [self._json(any_json(self._forbidden[0])), *self._strings(schema, guessed=True)]
        stated = schema.get("type", ["string", *_OTHER_TYPES])
        types = stated if isinstance(stated, list) else [stated]
        others = [each for each in types if each != "string"]
        found = [self._json({**schema, "type": others})] if others else []
        return [*found, *self._strings(schema, guessed=True)] if "string" in types else found

    def _strings(self, schema: Schema, *, guessed: bool) -> list[str]:
        schema = _resolve(schema)
        choices = _choices(schema)
        if choices is not None:
            fitting = [text for each in choices for text in self._texts_of(each, guessed=guessed)]
            if not fitting:
                raise SchemaRefused("has an enum of values that can't be written in this model's format for calls")
            return [self._lark.literal(text + self._end) for text in fitting]
        for word in ("anyOf", "oneOf"):
            branches = schema.get(word)
            if isinstance(branches, list):
                inner = _branches(schema, branches)
                return [each for branch in inner for each in self._strings(branch, guessed=guessed)]
        return [self._free_text(schema, guessed=guessed)]

    def _texts_of(self, value: object, *, guessed: bool) -> list[str]:
        """How to write a value so that it is read back; none where it can't be."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if any(mark in text for mark in self._forbidden) or (guessed and parse_value(text, Kind.GUESS) != value):
            return []
        return [text]

    def _free_text(self, schema: Schema, *, guessed: bool) -> str:
        marks = (f"~/(?s:.*){quote_regex(mark)}(?s:.*)/" for mark in self._forbidden)
        text = " & ".join((_ANY, *_conditions(schema), *([_NO_OTHER_JSON] if guessed else []), *marks))
        if self._lark.begins_with_control(self._end):
            return join((self._lark.terminal(text), self._lark.literal(self._end)))
        # One piece with its mark: text alone would swallow the mark's first letters.
        return self._lark.terminal(f"({text}) /{quote_regex(self._end)}/")


def _conditions(schema: Schema) -> list[str]:
    """A string's pattern and length, as regular expressions to be met together."""
    found = []
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        anchored = (
            ("" if pattern.startswith("^") else "(?s:.*)") + "(" + pattern.removeprefix("^").removesuffix("$") + ")"
        )
        whole = anchored + ("" if pattern.endswith("$") else "(?s:.*)")
        found.append(f"/{whole.replace('/', chr(92) + '/')}/")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) or isinstance(most, int):
        found.append(f"/(?s:.{{{least if isinstance(least, int) else 0},{most if isinstance(most, int) else ''}}})/")
    return found


def _choices(schema: Schema) -> Sequence[object] | None:
    if "const" in schema:
        return [schema["const"]]
    choices = schema.get("enum")
    return choices if isinstance(choices, list) else None


def _branches(schema: Schema, branches: Sequence[object]) -> list[Schema]:
    shared = {word: schema[word] for word in _SHARED if word in schema}
    return [{**branch, **shared} for branch in branches if isinstance(branch, Mapping)]


def _resolve(schema: Schema) -> Schema:
    """What a local reference leads to. Raises SchemaRefused."""
    for _ in range(_MOST_HOPS):
        target = schema.get("$ref")
        if target is None:
            return schema
        found = find_target(schema, str(target))
        if not found:
            raise SchemaRefused(f"refers to {target!r}, which isn't among its own $defs")
        shared = {word: schema[word] for word in _SHARED if word in schema}
        schema = {**found, **shared}
    raise SchemaRefused("refers to itself without end")
