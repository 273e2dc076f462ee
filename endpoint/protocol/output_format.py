"""The ways to ask for an answer of a certain form: `response_format`, and other servers' names for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import orjson
from pydantic import Field, Tag

from endpoint.errors import InvalidRequest
from endpoint.output import OutputFormat, OutputKind
from endpoint.protocol.requests import Generation
from endpoint.protocol.wire import GenerationBody, JsonObject, WireModel, by_type
from endpoint.providers.base import Sampling

WireSchema = Annotated[
    Annotated[JsonObject, Tag("an object")] | Annotated[bool, Tag("true or false")],
    by_type("a JSON Schema: an object, true or false"),
]
SchemaOrText = Annotated[
    Annotated[JsonObject, Tag("an object")] | Annotated[bool, Tag("true or false")] | Annotated[str, Tag("a string")],
    by_type("a JSON Schema, as an object or as text"),
]
Choices = Annotated[list[str], Field(min_length=1, max_length=1000)]


class JsonSchemaFormat(WireModel):
    """OpenAI's wrapper. `strict: false`: what can't be honoured in the schema is left out instead of refused."""

    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    schema_: Annotated[WireSchema | None, Field(alias="schema")] = None


class ResponseFormat(WireModel):
    """`response_format`; a `schema` right beside the type is llama.cpp's way."""

    type: str
    json_schema: JsonSchemaFormat | None = None
    schema_: Annotated[WireSchema | None, Field(alias="schema")] = None


class StructuredOutputs(WireModel):
    """`structured_outputs`, vLLM's."""

    json_: Annotated[SchemaOrText | None, Field(alias="json")] = None
    json_object: bool | None = None
    regex: str | None = None
    choice: Choices | None = None
    grammar: str | None = None


class OutputBody(GenerationBody):
    """What asks for a form; at most one of these at a time."""

    response_format: ResponseFormat | None = None
    grammar: Annotated[str | None, Field(description="llguidance's Lark, or GBNF; an extension")] = None
    regex: Annotated[str | None, Field(description="all of the answer, in Rust's syntax; an extension")] = None
    json_schema: Annotated[WireSchema | None, Field(description="llama.cpp's name")] = None
    guided_json: Annotated[SchemaOrText | None, Field(description="vLLM's name, as the next three")] = None
    guided_regex: str | None = None
    guided_grammar: str | None = None
    guided_choice: Choices | None = None
    structured_outputs: StructuredOutputs | None = None

    def generation(self, max_tokens: int | None, defaults: Sampling, logprobs: int | None = None) -> Generation:
        """How to generate, with the form. Raises InvalidRequest."""
        return replace(super().generation(max_tokens, defaults, logprobs), output=self.output())

    def output(self) -> OutputFormat | None:
        """The form; None for any. Raises InvalidRequest."""
        formats = list(self._formats())
        if len(formats) > 1:
            first, second = formats[0].param, formats[1].param
            raise InvalidRequest(f"{second} can't be asked for together with {first}: leave one out.", second)
        return formats[0] if formats else None

    def _formats(self) -> Iterator[OutputFormat]:
        if self.response_format is not None and self.response_format.type != "text":
            yield _read_response_format(self.response_format)
        if self.json_schema is not None:
            yield OutputFormat(OutputKind.JSON_SCHEMA, "json_schema", self.json_schema)
        yield from _read_fields("", (self.grammar, self.regex, None, None))
        guided = (self.guided_grammar, self.guided_regex, self.guided_choice, self.guided_json)
        yield from _read_fields("guided_", guided)
        if self.structured_outputs is not None:
            wish = self.structured_outputs
            fields = (wish.grammar, wish.regex, wish.choice, wish.json_)
            yield from _read_fields("structured_outputs.", fields)
            if wish.json_object:
                yield OutputFormat(OutputKind.JSON_OBJECT, "structured_outputs.json_object")


def _read_response_format(wire: ResponseFormat) -> OutputFormat:
    wrapper = wire.json_schema
    param = "response_format.schema" if wrapper is None else "response_format.json_schema.schema"
    schema = wire.schema_ if wrapper is None else wrapper.schema_
    if wire.type == "json_object" and schema is None:
        return OutputFormat(OutputKind.JSON_OBJECT, "response_format")
    if wire.type not in {"json_object", "json_schema"}:
        raise InvalidRequest(
            f'response_format.type must be "text", "json_object" or "json_schema", got {wire.type!r}.',
            "response_format.type",
        )
    if schema is None:
        param = "response_format.json_schema.schema"
        raise InvalidRequest(f"{param} is required for this type.", param)
    lenient = wrapper is not None and wrapper.strict is False
    return OutputFormat(OutputKind.JSON_SCHEMA, param, schema, lenient)


def _read_fields(
    prefix: str, fields: tuple[str | None, str | None, list[str] | None, JsonObject | bool | str | None]
) -> Iterator[OutputFormat]:
    grammar, regex, choice, schema = fields
    if grammar is not None:
        yield OutputFormat(OutputKind.GRAMMAR, f"{prefix}grammar", grammar)
    if regex is not None:
        yield OutputFormat(OutputKind.REGEX, f"{prefix}regex", regex)
    if choice is not None:
        yield OutputFormat(OutputKind.REGEX, f"{prefix}choice", "|".join(map(re.escape, choice)))
    if schema is not None:
        param = f"{prefix}json"
        yield OutputFormat(OutputKind.JSON_SCHEMA, param, _load(schema, param) if isinstance(schema, str) else schema)


def _load(text: str, param: str) -> dict[str, Any] | bool:
    try:
        schema = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"{param} is not valid JSON: {error}.", param) from error
    if not isinstance(schema, dict | bool):
        raise InvalidRequest(f"{param} must be a JSON Schema: an object, true or false.", param)
    return schema
