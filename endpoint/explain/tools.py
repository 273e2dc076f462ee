"""What changed in the tools that two requests offer, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endpoint.conversation import Tool


def compare_tools(earlier: Sequence[Tool], later: Sequence[Tool]) -> str | None:
    """A sentence's end: "the tools are the same, in another order"; None when nothing changed."""
    before, after = {tool.name: tool for tool in earlier}, {tool.name: tool for tool in later}
    added, removed = [name for name in after if name not in before], [name for name in before if name not in after]
    if added or removed:
        said = [f"{word} {', '.join(names)}" for word, names in (("added:", added), ("removed:", removed)) if names]
        return f"the tools changed ({'; '.join(said)})"
    for name, tool in after.items():
        path = _find_change(before[name], tool)
        if path is not None:
            return f"the tool {name} changed at {path}"
    if list(before) != list(after):
        return "the tools are the same, in another order"
    return None


def _find_change(earlier: Tool, later: Tool) -> str | None:
    if earlier.description != later.description:
        return "its description"
    return _find_path(earlier.parameters, later.parameters, "parameters")


def _find_path(earlier: object, later: object, path: str) -> str | None:
    """The deepest place at which two JSON values differ; the order of an object's keys counts, for it is rendered."""
    if isinstance(earlier, Mapping) and isinstance(later, Mapping):
        for name in later:
            if name in earlier:
                found = _find_path(earlier[name], later[name], f"{path}.{name}")
                if found is not None:
                    return found
        if earlier.keys() != later.keys():
            names = sorted(set(earlier) ^ set(later))
            return f"{path} ({', '.join(map(str, names))})"
        return None if list(earlier) == list(later) else f"{path} (the order of its keys)"
    return None if earlier == later and type(earlier) is type(later) else path
