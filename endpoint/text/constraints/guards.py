"""Keeps a mark out of the strings of JSON that stands before that mark: a reader looks for the mark alone. Pure.

Only for strings that are free: a pattern, a format or an enum of the schema's own stays as it is.
"""

from __future__ import annotations

import re

from endpoint.text.constraints.schemas import map_parts
from endpoint.text.tools.values import Schema

_BINDING = frozenset({"pattern", "format", "enum", "const", "$ref"})


def guard(schema: Schema, mark: str) -> Schema:
    """The schema, its free strings without the mark."""
    pattern = without(mark)

    def narrow(part: Schema) -> Schema:
        types = part.get("type")
        says_string = types == "string" or (isinstance(types, list) and "string" in types)
        return {**part, "pattern": pattern} if says_string and not _BINDING & {*part} else part

    return map_parts(schema, narrow)


def any_json(mark: str) -> dict[str, object]:
    """JSON of any kind but a string, not nested further: what a schema that says nothing is taken for."""
    leaf = guard({"type": ["string", "number", "boolean", "null"]}, mark)
    return {
        "type": ["object", "array", "number", "boolean", "null"],
        "patternProperties": {"^[A-Za-z_][A-Za-z0-9_]{0,40}$": leaf},
        "additionalProperties": False,
        "items": leaf,
    }


def without(mark: str) -> str:
    """A pattern of all texts that don't contain the mark's tail, from its last new letter on: so none contains it.

    With a first letter that doesn't come again, whatever breaks off a beginning of the tail begins afresh.
    """
    tail = next(mark[at:] for at in range(len(mark)) if mark[at] not in mark[at + 1 :])
    first, rest = re.escape(tail[0]), tail[1:]
    if not rest:
        return f"^[^{first}]*$"
    begun = "|".join(re.escape(rest[:count]) for count in range(len(rest)))
    left = "|".join(f"{re.escape(rest[:at])}[^{re.escape(rest[at] + tail[0])}]" for at in range(len(rest)))
    again = f"{first}(({begun}){first})*"
    return f"^([^{first}]|{again}({left}))*({again}({begun}))?$"


def is_free(schema: Schema) -> bool:
    """Whether it says nothing of a value."""
    return not {*schema} & {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "properties", "items"}
