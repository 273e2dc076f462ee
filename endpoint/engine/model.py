"""The loaded model as the layers above see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from endpoint.providers.base import MemoryKind, ModelInfo, Provider, Tokenizer
from endpoint.providers.embedding import EmbeddingTraits


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`loaded_at` in Unix seconds. `generates`: False for a model that only embeds. `tokenizer` may be used as long as
    this is held, whether the weights are there or not."""

    info: ModelInfo
    tokenizer: Tokenizer
    loaded_at: int
    memory: MemoryKind = MemoryKind.ATTENTION
    embedding: EmbeddingTraits | None = None
    generates: bool = True


def describe_origin(provider: Provider) -> dict[str, str]:
    """What saved state depends on, in words that a person is told when it can't be used."""
    template = (provider.info.chat_template or "").encode()
    return {
        "model": provider.info.id,
        "chat template": hashlib.sha256(template).hexdigest()[:16],
        "model file, library or settings": provider.fingerprint,
    }


def describe_model(provider: Provider, loaded_at: int, tokenizer: Tokenizer | None = None) -> LoadedModel:
    """What a provider has loaded; `tokenizer`: another one just like the provider's, that outlives it."""
    caps = provider.caps
    return LoadedModel(
        provider.info,
        tokenizer or provider.tokenizer,
        loaded_at,
        caps.memory,
        provider.embedder.traits,
        caps.generates,
    )
