"""The form of an answer's content as llguidance's grammar text, before it is compiled. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from llguidance import LLMatcher
from llguidance.gbnf_to_lark import any_to_lark

from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind
from endpoint.text.constraints.schemas import SchemaRefused, prepare, to_grammar

MOST_TEXT = 64 * 1024
"""Characters of a regular expression or a grammar."""


def to_source(output: OutputFormat) -> str:
    """What to compile. Raises InvalidRequest."""
    match output.kind:
        case OutputKind.JSON_OBJECT:
            return to_grammar(prepare({"type": "object"}))
        case OutputKind.JSON_SCHEMA:
            return to_grammar(prepare_schema(output))
        case OutputKind.REGEX:
            return LLMatcher.grammar_from_regex(_text(output))
        case OutputKind.GRAMMAR:
            return _from_grammar(output)


def prepare_schema(output: OutputFormat) -> Mapping[str, object]:
    """The schema for the library. Raises InvalidRequest."""
    source = output.source
    if not isinstance(source, Mapping | bool):
        raise InvalidRequest(f"{output.param} must be a JSON Schema: an object, true or false.", output.param)
    try:
        return prepare(source, lenient=output.lenient)
    except SchemaRefused as error:
        raise InvalidRequest(f"{output.param} {error}.", output.param) from error


def _from_grammar(output: OutputFormat) -> str:
    text = _text(output)
    try:
        return LLMatcher.grammar_from_lark(any_to_lark(text))
    except Exception as error:  # the converter raises whatever its parser stumbles over
        raise InvalidRequest(
            f"{output.param} is no Lark grammar and no GBNF: {_first_line(error)}", output.param
        ) from error


def _text(output: OutputFormat) -> str:
    text = output.source
    if not isinstance(text, str) or not text:
        raise InvalidRequest(f"{output.param} must be a text that isn't empty.", output.param)
    if len(text) > MOST_TEXT:
        raise InvalidRequest(f"{output.param} has {len(text)} characters; {MOST_TEXT} are allowed.", output.param)
    return text


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or json.dumps(type(error).__name__)
