"""The part of the provider seam that limits which tokens may be drawn; grammars and schemas live above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Constraint(Protocol):
    """Which tokens may come next in one answer. Stateful: one instance a job. Engine thread only.

    Its owner's mistakes are its own: any method may raise, and then that job fails, no other.
    """

    def forced(self) -> Sequence[int]:
        """The tokens that must come next, as far as there is no choice; empty where there is one."""

    def allows(self, token: int) -> bool:
        """Whether the token may come next; cheap, unlike `mask`."""

    def mask(self) -> bytes:
        """A bit for each token of the vocabulary, least significant first, in little-endian 32-bit words: 1 where the
        token may come next. At least one is 1: an end token where nothing else may follow."""

    def accept(self, token: int) -> None:
        """The next token is this one, which is allowed; an end token too."""


def find_lowest(mask: bytes) -> int:
    """The first token that a mask allows."""
    bits = int.from_bytes(mask, "little")
    return (bits & -bits).bit_length() - 1


MakeConstraint = Callable[[], Constraint]
"""Makes one job's own constraint."""
