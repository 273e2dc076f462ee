"""Bounds for integers that a schema leaves open: a small model writes digits without end. Pure.

What is written still fits the schema, and every JSON reader can hold it: RFC 7493 asks for no more than 53 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from endpoint.text.tools.values import Schema

MOST = 2**53 - 1
_LOWEST = ("minimum", "exclusiveMinimum")
_HIGHEST = ("maximum", "exclusiveMaximum")


def bound_integer(schema: Schema) -> Schema:
    """The schema with the bounds that it lacks, where it asks for integers and says nothing else of their values."""
    stated = schema.get("type")
    types = stated if isinstance(stated, list) else [stated]
    if "integer" not in types or "number" in types or "enum" in schema or "const" in schema:
        return schema
    bounds: dict[str, object] = {}
    if not any(word in schema for word in _LOWEST):
        bounds["minimum"] = -MOST
    if not any(word in schema for word in _HIGHEST):
        bounds["maximum"] = MOST
    return {**schema, **bounds}


def names_large(schemas: Iterable[object]) -> bool:
    """Whether one of them speaks of numbers beyond our bounds: then ours could contradict it."""
    return any(_is_large(value) for schema in schemas if isinstance(schema, Mapping) for value in _values(schema))


def _values(schema: Schema) -> Iterable[object]:
    yield from (schema.get(word) for word in (*_LOWEST, *_HIGHEST, "multipleOf", "const"))
    listed = schema.get("enum")
    yield from listed if isinstance(listed, list) else ()


def _is_large(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) >= MOST
