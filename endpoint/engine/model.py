"""The loaded model as the layers above see it."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.providers.base import MemoryKind, ModelInfo, Tokenizer


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`loaded_at` in Unix seconds."""

    info: ModelInfo
    tokenizer: Tokenizer
    loaded_at: int
    memory: MemoryKind = MemoryKind.ATTENTION
