"""Arguments as nested elements: `<city>Rome</city><days><item>1</item></days>`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from endpoint.text.tools.values import Schema, items_of, kind_of, member, parse_value

_ITEM = "item"


@dataclass(slots=True)
class _Element:
    name: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)


def parse_elements(text: str, schema: Schema, prefix: str) -> dict[str, object]:
    """The arguments, typed by the tool's schema; `prefix` stands before each tag. Raises ValueError."""
    root = _parse_tree(text, prefix)
    return {child.name: _to_value(child, member(schema, child.name)) for child in root.children}


def _parse_tree(text: str, prefix: str) -> _Element:
    """Only tags with the prefix before them count: a value may hold any other."""
    root = _Element("")
    path = [root]
    at = 0
    for match in re.finditer(rf"{re.escape(prefix)}<(/?)([^<>\s]+)>", text):
        path[-1].text += text[at : match.start()]
        at = match.end()
        closing, name = match.groups()
        if not closing:
            element = _Element(name)
            path[-1].children.append(element)
            path.append(element)
        elif len(path) > 1 and path[-1].name == name:
            path.pop()
        else:
            raise ValueError(f"</{name}> closes nothing")
    if len(path) > 1:
        raise ValueError(f"<{path[-1].name}> isn't closed")
    return root


def _to_value(element: _Element, schema: Schema) -> object:
    if not element.children:
        return parse_value(element.text, kind_of(schema))
    if all(child.name == _ITEM for child in element.children):
        return [_to_value(child, items_of(schema)) for child in element.children]
    return {child.name: _to_value(child, member(schema, child.name)) for child in element.children}
