"""Embeddings as OpenAI writes them: vectors of length 1, as numbers or as base64 of little-endian float32. Pure."""

from __future__ import annotations

import base64
import math
import sys
from array import array
from collections.abc import Sequence
from operator import mul

from endpoint.protocol.embedding_request import EmbeddingWish
from endpoint.protocol.reply import Body
from endpoint.providers.embedding import Pooling, Vector


def write_embeddings(wish: EmbeddingWish, model: str, pooling: Pooling, vectors: Sequence[Vector], tokens: int) -> Body:
    """The answer's body; `tokens` of all inputs."""
    shortened = (normalise(vector, wish.dimensions) for vector in vectors)
    data: list[Body] = [
        {"object": "embedding", "index": index, "embedding": _to_base64(vector) if wish.as_base64 else vector.tolist()}
        for index, vector in enumerate(shortened)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": model, "usage": usage, "pooling": pooling.value}


def normalise(vector: Vector, dimensions: int | None = None) -> Vector:
    """Its first `dimensions`, scaled to length 1; all zeros stay that. What isn't finite counts as 0, for JSON."""
    kept = vector[:dimensions]
    if not all(map(math.isfinite, kept)):
        kept = array("f", (value if math.isfinite(value) else 0.0 for value in kept))
    length = math.sqrt(sum(map(mul, kept, kept)))
    return array("f", (value / length for value in kept)) if length else kept


def _to_base64(vector: Vector) -> str:
    if sys.byteorder == "big":
        vector = vector[:]
        vector.byteswap()
    return base64.b64encode(vector.tobytes()).decode()
