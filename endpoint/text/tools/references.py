"""A tool's schema with its local `$ref`s followed: a value's type may be stated behind one. Pure.

For reading types only, so it may be cut short: what lies too deep, or points nowhere, says nothing about its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from endpoint.text.tools.values import NO_SCHEMA, Schema

MOST_DEEP = 12
"""Levels of objects and lists: arguments written in markup are hardly ever nested at all."""
MOST_NODES = 5_000
"""Objects and lists in all: a few recursive references multiply."""


def follow_references(schema: Schema) -> Schema:
    """The schema, whole and without references; the same one when it has none."""
    if "$ref" not in str(schema):
        return schema
    followed = _Follower(schema).follow(schema, 0)
    return followed if isinstance(followed, Mapping) else NO_SCHEMA


class _Follower:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._left = MOST_NODES

    def follow(self, node: object, depth: int) -> object:
        if not isinstance(node, Mapping | list):
            return node
        self._left -= 1
        if depth > MOST_DEEP or self._left < 0:
            return {}
        if isinstance(node, list):
            return [self.follow(item, depth + 1) for item in node]
        if isinstance(node.get("$ref"), str):
            target = find_target(self._root, node["$ref"])
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return self.follow({**target, **rest}, depth + 1)
        return {key: self.follow(value, depth + 1) for key, value in node.items()}


def find_target(root: Schema, reference: str) -> Schema:
    """What a JSON pointer ("#/$defs/Place", RFC 6901) points to; empty for anything else."""
    path, _, pointer = reference.partition("#")
    node: object = root if not path else None
    for step in unquote(pointer).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else NO_SCHEMA
