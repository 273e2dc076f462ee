"""Grammars of calls whose arguments each stand in markup, by their key. Pure.

Where a value is plain text there, its grammar admits only text that our reader takes for a value of the schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping

from endpoint.text.constraints.guards import any_json, guard, is_free
from endpoint.text.constraints.lark import LarkWriter, join
from endpoint.text.constraints.schemas import SchemaRefused
from endpoint.text.constraints.texts import TextWriter
from endpoint.text.tools.formats import STRING_MARK, CallStyle, ToolFormat
from endpoint.text.tools.values import Kind, Schema, kind_of, member

_UNTOLD = (
    "anyOf",
    "allOf",
    "oneOf",
    "not",
    "if",
    "$ref",
    "enum",
    "const",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
)
_KEY = re.compile(r"[^\s<>\"'=&]+")
_BARE_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class ParameterWriter:
    """`schema`: of one tool's parameters. `read_as`: the schema by which the reader takes a value for text or JSON."""

    def __init__(self, form: ToolFormat, lark: LarkWriter, schema: Schema, read_as: Schema) -> None:
        self._form = form
        self._lark = lark
        self._schema = schema
        self._read_as = read_as
        self._write: Callable[[str, Schema], str] = {
            CallStyle.PYTHON: self._keyword,
            CallStyle.BARE_KEYS: self._bare,
            CallStyle.ELEMENTS: self._element,
        }.get(form.style, self._marked)

    def call(self, name: str) -> str:
        """The name and its arguments. Raises SchemaRefused."""
        form, lark = self._form, self._lark
        refused = [word for word in _UNTOLD if word in self._schema]
        if refused:
            raise SchemaRefused(
                f"has {refused[0]} beside its parameters, which this model's format for calls can't tell"
            )
        properties = self._schema.get("properties", {})
        if not isinstance(properties, Mapping):
            raise SchemaRefused("has properties that are no object")
        required = self._schema.get("required", ())
        required = tuple(required) if isinstance(required, list) else ()
        missing = [key for key in required if key not in properties]
        if missing:
            raise SchemaRefused(f"requires {missing[0]!r}, which it doesn't describe")
        written = [(self._property(key, each), key in required) for key, each in properties.items()]
        if form.style is CallStyle.PYTHON:
            return lark.rule(join((lark.literal(f"{name}("), self._listed(written), lark.literal(")"))))
        if form.style is CallStyle.BARE_KEYS:
            return lark.rule(join((lark.literal(f"{name}{{"), self._listed(written), lark.literal("}"))))
        return lark.rule(join((self._head(name), *self._lines(written))))

    def _head(self, name: str) -> str:
        form = self._form
        ends = form.name_end if form.name_end == form.head_end else form.name_end + form.head_end
        return self._lark.literal(f"{form.name_start}{name}{ends}")

    def _lines(self, written: Iterable[tuple[str, bool]]) -> Iterable[str]:
        line = "" if self._form.style is CallStyle.ELEMENTS else self._lark.optional("\n")
        yield line
        for expression, needed in written:
            each = self._lark.rule(join((expression, line)))
            yield each if needed else f"{each}?"

    def _listed(self, written: list[tuple[str, bool]]) -> str:
        """In their order, with a comma between any two: each optional one may be missing, the first too."""
        later = first = self._lark.rule("")
        for expression, needed in reversed(written):
            next_first = join((expression, later))
            next_later = join((self._lark.literal(self._comma), expression, later))
            first = self._lark.choice((next_first,) if needed else (next_first, first))
            later = self._lark.choice((next_later,) if needed else (next_later, later))
        return first

    @property
    def _comma(self) -> str:
        return ", " if self._form.style is CallStyle.PYTHON else ","

    def _property(self, key: str, schema: object) -> str:
        if not isinstance(schema, Mapping):
            schema = {}
        if not _KEY.fullmatch(key) or (self._form.key_end and self._form.key_end in key):
            raise SchemaRefused(f"has the parameter {key!r}, which can't be written in this model's format for calls")
        shared = {word: self._schema[word] for word in ("$defs", "definitions") if word in self._schema}
        return self._lark.rule(self._write(key, {**schema, **shared}))

    def _kind(self, key: str) -> Kind:
        return kind_of(member(self._read_as, key))

    def _keyword(self, key: str, schema: Schema) -> str:
        return join((self._lark.literal(f"{_bare_or_quoted(key)}="), self._lark.json(schema)))

    def _bare(self, key: str, schema: Schema) -> str:
        head = self._lark.literal(f"{_bare_or_quoted(key)}:")
        if self._kind(key) is not Kind.TEXT:
            whole = any_json(self._form.call_end) if is_free(schema) else guard(schema, self._form.call_end)
            return join((head, self._lark.json(whole)))
        return join(
            (
                head,
                self._lark.literal(STRING_MARK),
                TextWriter(self._lark, STRING_MARK, (STRING_MARK, self._form.call_end)).value(schema, Kind.TEXT),
            )
        )

    def _element(self, key: str, schema: Schema) -> str:
        prefix = self._form.prefix
        value = TextWriter(self._lark, f"{prefix}</{key}>", (prefix,)).value(schema, self._kind(key))
        return join((self._lark.literal(f"{prefix}<{key}>"), value))

    def _marked(self, key: str, schema: Schema) -> str:
        form = self._form
        head = form.key_start + key + form.key_end + form.value_start
        line = "\n" if form.value_lines else ""
        value = TextWriter(self._lark, line + form.value_end, (form.value_end,)).value(schema, self._kind(key))
        return join((self._lark.literal(head + line), value))


def _bare_or_quoted(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
