"""Facts as JSON and back. What comes back may be damaged or forged: anything odd is a ValueError. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from typing import Any

from tray.models.facts import Facts, Role
from tray.models.model import AttentionKind, Capability, MemoryShape

_LARGEST = 1 << 62
_LONGEST = 2000
_SHAPE_LENGTH = len(fields(MemoryShape))


def write_facts(facts: Facts) -> dict[str, Any]:
    """What `read_facts` takes."""
    return {
        "role": facts.role,
        "family": facts.family,
        "lineage": facts.lineage,
        "parameters": facts.parameters,
        "quantisation": facts.quantisation,
        "n_ctx": facts.n_ctx,
        "capabilities": list(facts.capabilities),
        "attention": facts.attention,
        "shape": list(astuple(facts.shape)),
        "problem": facts.problem,
    }


def read_facts(found: object) -> Facts:
    """The facts again. Raises ValueError when it is anything but what `write_facts` makes."""
    if not isinstance(found, dict):
        raise ValueError(f"no object: {type(found).__name__}")
    return Facts(
        role=Role(_text(found, "role")),
        family=_text(found, "family"),
        lineage=_text(found, "lineage"),
        parameters=_number(found.get("parameters")),
        quantisation=_text(found, "quantisation"),
        n_ctx=_number(found.get("n_ctx")),
        capabilities=tuple(Capability(str(each)) for each in _items(found, "capabilities", len(Capability))),
        attention=AttentionKind(_text(found, "attention")),
        shape=_read_shape(found),
        problem=_text(found, "problem"),
    )


def _read_shape(found: Mapping[str, Any]) -> MemoryShape:
    numbers = [_number(each) for each in _items(found, "shape", _SHAPE_LENGTH)]
    if len(numbers) != _SHAPE_LENGTH:
        raise ValueError(f"shape has {len(numbers)} numbers")
    return MemoryShape(*numbers)


def _items(found: Mapping[str, Any], key: str, most: int) -> list[Any]:
    value = found.get(key)
    if not isinstance(value, list) or len(value) > most:
        raise ValueError(f"{key} is no list of up to {most}")
    return value


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(f"{key} is no text of up to {_LONGEST} characters")
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError(f"{value!r} is no size")
    return value
