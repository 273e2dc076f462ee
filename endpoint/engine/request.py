"""What the layers above hand to the engine: tokens and text-level wishes, no wire format."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.providers.base import Sampling


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One generation. `prompt` and `max_tokens` together fit the context; `stop` is matched on text."""

    prompt: tuple[int, ...]
    max_tokens: int
    sampling: Sampling
    stop: tuple[str, ...] = ()
