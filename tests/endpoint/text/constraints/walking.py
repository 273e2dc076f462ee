"""Random answers that a constraint allows, without any model: tokens are bytes, or a few control tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence

from endpoint.engine.model import LoadedModel
from endpoint.providers.base import MemoryKind, ModelInfo, Tokenizer
from endpoint.providers.constraint import Constraint
from endpoint.providers.fake import END, FakeTokenizer

MOST_TOKENS = 3_000
CLOSING = '"}])>'


def make_model(tokenizer: Tokenizer | None = None, n_vocab: int = 257) -> LoadedModel:
    info = ModelInfo("bytes", None, 4096, 4096, n_vocab, None, "", "<|end|>")
    return LoadedModel(info, tokenizer or FakeTokenizer(), 0, MemoryKind.ATTENTION)


def allowed_tokens(mask: bytes) -> list[int]:
    bits = int.from_bytes(mask, "little")
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def walk(constraint: Constraint, rng: random.Random, aims: Sequence[bytes] = ()) -> list[int]:
    """Tokens up to the end token, left out. `aims`: marks that are tried now and then, or a text that only a long mark
    can end would never end."""
    tokens: list[int] = []
    while len(tokens) < MOST_TOKENS:
        for token in _next(constraint, rng, aims):
            if not constraint.allows(token):
                break
            constraint.accept(token)
            if token == END:
                return tokens
            tokens.append(token)
    raise AssertionError(f"the walk never ended: {bytes(token for token in tokens[:200] if token < 256)!r}")


def _next(constraint: Constraint, rng: random.Random, aims: Sequence[bytes]) -> Sequence[int]:
    forced = constraint.forced()
    if forced:
        return forced
    if aims and rng.random() < 0.15:
        return list(rng.choice(aims))
    allowed = allowed_tokens(constraint.mask())
    assert allowed
    closing = [token for token in allowed if token == END or chr(token) in CLOSING]
    return [rng.choice(closing if closing and rng.random() < 0.7 else allowed)]
