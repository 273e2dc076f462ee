"""Embeddings at the provider seam: tokens in, one vector out, a piece of work at a time.

Owner: every method of an Embedder is called on the engine's thread, between the provider's own steps.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

Vector: TypeAlias = "array[float]"
"""float32 ("f"): an embedding as the model gives it, not normalised."""


class Pooling(StrEnum):
    """How an input's token vectors become one."""

    MEAN = "mean"  # their average
    CLS = "cls"  # the first
    LAST = "last"


@dataclass(frozen=True, slots=True)
class EmbeddingTraits:
    """What a model's embeddings are: vectors of `dimensions` numbers of inputs of up to `longest` tokens, by `pooling`
    where a request names none. `is_own`: the model was made for that; else it is our choice."""

    dimensions: int
    longest: int
    pooling: Pooling
    is_own: bool


class Embedder(Protocol):
    """Computes one input at a time."""

    @property
    def traits(self) -> EmbeddingTraits | None:
        """None for a model whose vectors can't be had: then nothing else is called."""

    def begin(self, tokens: Sequence[int], pooling: Pooling) -> None:
        """Take up an input of 1 to `traits.longest` tokens, and forget the one before. Raises GenerationFailed when
        there is no memory for it."""

    def forget(self) -> None:
        """Give up what was begun, and the memory that it takes."""

    def step(self, *, brief: bool) -> Vector | None:
        """Compute a piece of it, a smaller one where `brief`: somebody is waiting for the thread. The vector once it is
        whole. Raises GenerationFailed."""
