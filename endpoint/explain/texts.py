"""Tokens in little room, and as text: where two prompts part, to the character. Pure; any thread."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Comparable = TypeVar("Comparable", str, bytes)

TOKEN_BYTES = array("I").itemsize
BEFORE, BEHIND = 40, 60
"""Characters that are shown before the place where two prompts part, and behind it."""


def pack(tokens: Sequence[int]) -> bytes:
    """Four bytes a token, which compare as fast as memory is read."""
    return array("I", tokens).tobytes()


def unpack(packed: bytes) -> Sequence[int]:
    """The tokens again."""
    tokens = array("I")
    tokens.frombytes(packed)
    return tokens


def count_tokens(packed: bytes) -> int:
    """How many they are."""
    return len(packed) // TOKEN_BYTES


def common_length(one: Comparable, other: Comparable) -> int:
    """How long the beginning is that both have, in characters or bytes."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # compared from `low` on: in all, no more than is there once
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_tokens(one: bytes, other: bytes) -> int:
    """How many tokens two packed sequences begin with alike."""
    return common_length(one, other) // TOKEN_BYTES


@dataclass(frozen=True, slots=True)
class Parting:
    """Two texts that are the same up to `at`, in characters: the `earlier` one and the `new` one."""

    earlier: str
    new: str
    at: int

    @property
    def before(self) -> str:
        """The last characters that both have."""
        return self.new[max(0, self.at - BEFORE) : self.at]

    @property
    def earlier_behind(self) -> str:
        """How the earlier one goes on."""
        return self.earlier[self.at : self.at + BEHIND]

    @property
    def new_behind(self) -> str:
        """How the new one goes on."""
        return self.new[self.at : self.at + BEHIND]


def part(earlier: str, new: str) -> Parting:
    """Where they part."""
    return Parting(earlier, new, common_length(earlier, new))
