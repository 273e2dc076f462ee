"""The loaded model as the layers above see it."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.providers.base import MemoryKind, ModelInfo, Provider, Tokenizer
from endpoint.providers.embedding import EmbeddingTraits


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`loaded_at` in Unix seconds. `generates`: False for a model that only embeds."""

    info: ModelInfo
    tokenizer: Tokenizer
    loaded_at: int
    memory: MemoryKind = MemoryKind.ATTENTION
    embedding: EmbeddingTraits | None = None
    generates: bool = True


def describe_model(provider: Provider, loaded_at: int) -> LoadedModel:
    """What a provider has loaded."""
    caps = provider.caps
    return LoadedModel(
        provider.info, provider.tokenizer, loaded_at, caps.memory, provider.embedder.traits, caps.generates
    )
