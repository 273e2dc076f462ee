"""Reads other programs' JSON: a field that is missing or of the wrong kind becomes a plain default. Pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping


def parse(body: bytes) -> object:
    """The JSON value; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def member(value: object, name: str) -> object:
    """A field of what should be an object; None where it isn't, or hasn't."""
    return value.get(name) if isinstance(value, Mapping) else None


def number(value: object) -> float | None:
    """A finite number, not a truth value; None else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared as they are: a whole number may be too big to become a float. NaN compares false.
    return float(value) if abs(value) <= sys.float_info.max else None


def count(value: object) -> int:
    """A number that counts something; 0 where it doesn't."""
    return max(0, int(number(value) or 0))


def size(value: object) -> int | None:
    """Bytes; None where nothing is told."""
    told = number(value)
    return int(told) if told is not None and told >= 0 else None


def text(value: object) -> str:
    """A text; empty where it is none."""
    return value if isinstance(value, str) else ""
