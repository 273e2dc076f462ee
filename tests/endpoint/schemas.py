"""JSON Schemas to constrain answers by: one for each keyword by hand, and more that are put together at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Schema = dict[str, object]


def obj(properties: Schema, *required: str, **more: object) -> Schema:
    """A closed object."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


STRING: Schema = {"type": "string", "maxLength": 12}
INTEGER: Schema = {"type": "integer", "minimum": -5, "maximum": 1000}
TREE: Schema = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": obj(
            {"name": STRING, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2}}, "name"
        )
    },
}
BY_HAND: tuple[Schema, ...] = (
    {"type": "string", "maxLength": 20},
    {"type": "string", "minLength": 3, "maxLength": 9},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,5}$"},
    {"type": "string", "pattern": "b+", "maxLength": 8},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "time"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "ipv4"},
    {"type": "string", "format": "ipv6"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "hostname"},
    {"type": "string", "format": "duration"},
    {"type": "string", "format": "uri"},
    {"type": "integer"},
    {"type": "integer", "minimum": 17, "maximum": 23},
    {"type": "integer", "exclusiveMinimum": -3, "exclusiveMaximum": 3},
    {"type": "integer", "multipleOf": 7, "minimum": 0, "maximum": 10_000},
    {"type": "number", "minimum": 0.25, "maximum": 0.75},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"], "maxLength": 9},
    {"enum": ["red", "green", 3, None, {"a": [1]}]},
    {"const": {"kind": "fixed", "n": [1, 2.5, "é"]}},
    {"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 4},
    {"type": "array", "prefixItems": [STRING, INTEGER], "items": False, "minItems": 2},
    {"type": "array", "prefixItems": [{"type": "boolean"}], "items": INTEGER, "maxItems": 3},
    {"type": "array", "items": {"type": "array", "items": {"type": "boolean"}, "maxItems": 2}, "maxItems": 3},
    obj({"a": STRING, "b": INTEGER}, "a", "b"),
    obj({"a": STRING, "b": INTEGER, "c": {"type": "boolean"}}, "b"),
    {"type": "object", "additionalProperties": INTEGER, "maxProperties": 3},
    {"type": "object", "additionalProperties": INTEGER, "minProperties": 2, "maxProperties": 3},
    {"type": "object", "patternProperties": {"^n_[a-z]{1,4}$": INTEGER}, "additionalProperties": False},
    obj({"a": {"anyOf": [STRING, INTEGER, {"type": "null"}]}}, "a"),
    {"oneOf": [obj({"kind": {"const": "x"}, "x": INTEGER}, "kind", "x"), obj({"kind": {"const": "y"}}, "kind")]},
    {"allOf": [{"type": "object", "properties": {"a": STRING}, "required": ["a"]}, {"properties": {"b": INTEGER}}]},
    TREE,
    obj({"p": {"$ref": "#/definitions/p"}}, "p", definitions={"p": obj({"x": INTEGER, "y": INTEGER}, "x", "y")}),
    obj({'odd "key"\n': STRING, "ключ": INTEGER, "a/b~c": {"type": "null"}}, 'odd "key"\n', "ключ"),
    {"title": "T", "description": "D", "default": 1, "examples": [1], "type": "integer", "minimum": 0, "maximum": 9},
    {"type": "string", "format": "password", "maxLength": 8},
)


def draw_schemas(count: int, seed: int = 1) -> Iterator[Schema]:
    """Those by hand first, then random ones; the same each time."""
    yield from BY_HAND[:count]
    rng = random.Random(seed)
    for _ in range(count - len(BY_HAND)):
        yield draw(rng, depth=0)


def draw(rng: random.Random, depth: int) -> Schema:
    makers: list[Callable[[random.Random, int], Schema]] = [draw_string, draw_integer, draw_number, draw_choice]
    if depth < 3:
        makers += [draw_object, draw_object, draw_array, draw_union]
    return rng.choice(makers[-4:] if depth == 0 else makers)(rng, depth + 1)


def draw_string(rng: random.Random, depth: int) -> Schema:
    low = rng.randrange(4)
    length: Schema = {"minLength": low, "maxLength": low + rng.randrange(1, 14)}
    kinds: list[Schema] = [length, {"pattern": rng.choice(["^[a-f0-9]{4}$", "^(ab|cd)+$", "^\\d{1,3}x$"])}]
    kinds.append({"format": rng.choice(["date", "uuid", "ipv4", "time"])})
    return {"type": "string", **rng.choice(kinds)}


def draw_integer(rng: random.Random, depth: int) -> Schema:
    low = rng.randrange(-1000, 1000)
    bounds: Schema = {"minimum": low, "maximum": low + rng.randrange(1000)}
    return {"type": "integer", **bounds} if rng.random() < 0.8 else {"type": "integer", "multipleOf": 4, "minimum": 0}


def draw_number(rng: random.Random, depth: int) -> Schema:
    low = rng.randrange(100) / 4
    return {"type": "number", "minimum": low, "maximum": low + 10.5}


def draw_choice(rng: random.Random, depth: int) -> Schema:
    values = ["a", "b c", 'd"e', 1, 2.5, True, None]
    return {"enum": rng.sample(values, rng.randrange(1, 5))}


def draw_object(rng: random.Random, depth: int) -> Schema:
    names = rng.sample(["id", "name", "size", "tags", "a b", "ü", "x-1"], rng.randrange(1, 5))
    properties: Schema = {name: draw(rng, depth) for name in names}
    required = [name for name in names if rng.random() < 0.6]
    return obj(properties, *required)


def draw_array(rng: random.Random, depth: int) -> Schema:
    low = rng.randrange(3)
    return {"type": "array", "items": draw(rng, depth), "minItems": low, "maxItems": low + rng.randrange(1, 3)}


def draw_union(rng: random.Random, depth: int) -> Schema:
    return {"anyOf": [draw(rng, depth), draw(rng, depth), {"type": "null"}]}
