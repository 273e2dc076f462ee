"""Grammars of tool calls as a model writes them: what they admit, our own reader of answers reads back. Pure.

Each call names an offered tool, and its arguments fit the tool's schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from endpoint.text.constraints.lark import LarkWriter, join
from endpoint.text.constraints.parameters import ParameterWriter
from endpoint.text.constraints.schemas import SchemaRefused
from endpoint.text.tools.formats import CallStyle, ToolFormat
from endpoint.text.tools.readers import Tools
from endpoint.text.tools.values import Schema

MOST_CALLS = 32
"""In one answer."""

_NAME = re.compile(r"[^\s<>{}()\[\]\"'`,;=|\\]{1,128}")
_PYTHON_NAME = re.compile(r"[A-Za-z_][\w.\-]*", re.ASCII)
_GAP = "/[A-Za-z0-9]{1,9}/"
"""What some formats put beside a name: a call's id, or its number."""


class CallRefused(Exception):
    """A tool can't be called in this model's format; `tool` is its name, the message completes a sentence on it."""

    def __init__(self, tool: str, message: str) -> None:
        super().__init__(message)
        self.tool = tool


class CallsWriter:
    """`is_end`: whether a mark is a token that ends the answer; then nothing is written in its place. `read_as`: the
    tools as the reader of answers knows them."""

    def __init__(self, form: ToolFormat, lark: LarkWriter, is_end: Callable[[str], bool], read_as: Tools) -> None:
        self._form = form
        self._lark = lark
        self._is_end = is_end
        self._read_as = read_as

    def calls(self, tools: Tools, *, several: bool, start: str) -> str:
        """One call, or several. `start`: the mark before the first, "" where the prompt has written it."""
        form, lark = self._form, self._lark
        body = lark.choice(self._body(name, schema) for name, schema in tools.items())
        end = "" if self._is_end(form.call_end) else lark.literal(form.call_end)
        body = lark.rule(join((body, self._line(), end)))
        again = next((mark for mark in form.call_starts if mark == start), next(iter(form.call_starts), ""))
        first = join((lark.literal(start), self._line() if start else "", body))
        call = lark.rule(join((lark.literal(again), self._line(), body)))
        several = several and not self._is_end(form.call_end)
        more = f"({join((self._separator(), call))}){{0,{MOST_CALLS - 1}}}" if several else ""
        return self._enclose(lark.rule(join((first, more))))

    def _enclose(self, calls: str) -> str:
        form, lark = self._form, self._lark
        opener, closer = ("[", "]") if self._is_list else ("", "")
        opener = "" if form.section_start.endswith("[") else opener
        end = "" if self._is_end(form.section_end) else lark.literal(form.section_end)
        line = lark.optional("\n") if form.section_start and form.style is CallStyle.PARAMETERS else ""
        return join((lark.literal(form.section_start + opener), line, calls, line, lark.literal(closer), end))

    @property
    def _is_list(self) -> bool:
        form = self._form
        if form.style is CallStyle.PYTHON:
            return True
        return form.style is CallStyle.OBJECT and form.section_start != "" and not form.call_starts

    def _separator(self) -> str:
        if self._is_list:
            return self._lark.literal(", ")
        if not self._form.call_starts:
            return self._lark.literal("; ")
        return self._lark.optional("\n") if self._form.style in {CallStyle.OBJECT, CallStyle.PARAMETERS} else ""

    def _line(self) -> str:
        """A line break that may stand between a call and its marks."""
        marked = self._form.style is CallStyle.OBJECT and self._form.call_end != ""
        return self._lark.optional("\n") if marked else ""

    def _body(self, name: str, schema: Schema) -> str:
        style, form = self._form.style, self._form
        pattern = _PYTHON_NAME if style is CallStyle.PYTHON else _NAME
        if not pattern.fullmatch(name) or (style is not CallStyle.OBJECT and form.name_end and form.name_end in name):
            raise CallRefused(name, "can't be forced: its name can't be written in this model's format for calls")
        try:
            if style in {CallStyle.OBJECT, CallStyle.TAGGED}:
                arguments = self._lark.json(close_schema(schema))
                return self._lark.rule(
                    self._object(name, arguments) if style is CallStyle.OBJECT else self._tagged(name, arguments)
                )
            return ParameterWriter(form, self._lark, schema, self._read_as.get(name, schema)).call(name)
        except SchemaRefused as error:
            raise CallRefused(name, f"can't be forced: its schema {error}") from error

    def _object(self, name: str, arguments: str) -> str:
        form, quoted = self._form, json.dumps(name, ensure_ascii=False)
        if not form.name_key:
            return join((self._lark.literal(f"{{{quoted}: "), arguments, '"}"'))
        head = f'{{"{form.name_key}": {quoted}, "{form.arguments_key}": '
        return join((self._lark.literal(head), arguments, '"}"'))

    def _tagged(self, name: str, arguments: str) -> str:
        form, lark = self._form, self._lark
        before = join((_GAP, lark.literal(form.name_start))) if form.name_start else ""
        if form.one_word:
            head = lark.literal(f"{name} <|constrain|>json{form.head_end}")
        elif form.name_end != form.head_end:
            head = join((lark.literal(name + form.name_end), _GAP, lark.literal(form.head_end)))
        elif "```" in form.name_end:
            head = lark.literal(f"{name}\n{form.name_end}\n")
            return join((before, head, arguments, lark.literal("\n")))
        else:
            head = lark.literal(name + form.head_end)
        return join((before, head, arguments))


def close_schema(schema: Schema) -> Mapping[str, object]:
    """An object's schema. Where it lists properties and doesn't say whether there may be others, there are none: what
    a tool doesn't know it can't use."""
    closed = {"type": "object", **schema}
    if isinstance(schema.get("properties"), Mapping) and not {"additionalProperties", "patternProperties"} & {*schema}:
        open_ended = {"allOf", "anyOf", "oneOf", "$ref"} & {*schema}
        return closed if open_ended else {**closed, "additionalProperties": False}
    return closed
