"""Loads a model, and later the very same one again. Engine thread only.

What the first load chose by the memory that was free then, the length of the context, holds for all: it was told to
clients, and prompts are measured by it. Whether it fits isn't asked again: mapped weights can be paged, and an endpoint
that ended because memory is short for a moment would help nobody. A model that has become another one meanwhile is none
of those that were asked for: its tokens, its template and its saved prefixes are others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from endpoint.contract import ModelRef
from endpoint.errors import LoadError
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.registry import load_provider


@dataclass(frozen=True, slots=True)
class _First:
    n_ctx: int
    fingerprint: str


class ModelLoader:
    """For one engine: it calls this whenever it needs the model."""

    def __init__(self, ref: ModelRef, options: LoadOptions) -> None:
        self._ref = ref
        self._options = options
        self._first: _First | None = None

    def __call__(self, progress: Progress) -> Provider:
        """Load it. Raises as `load_provider`, and LoadError when it isn't what it was."""
        options, first = self._options, self._first
        if first is not None:
            options = replace(options, n_ctx=options.n_ctx or first.n_ctx, force=True)
        provider = load_provider(self._ref, options, progress)
        if first is None:
            self._first = _First(provider.info.n_ctx, provider.fingerprint)
        elif provider.fingerprint != first.fingerprint:
            provider.close()
            raise LoadError(
                f"{self._ref.model} has changed since it was loaded first, so it can't take its own place. "
                "Start the endpoint again."
            )
        return provider
