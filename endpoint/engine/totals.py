"""What providers of one engine have done together: a model that was loaded again counts from nought. Pure."""

from __future__ import annotations

from dataclasses import replace

from endpoint.providers.base import ProviderStats


def keep_counts(stats: ProviderStats) -> ProviderStats:
    """What it has done, and nothing of what it holds."""
    return add_counts(stats, ProviderStats())


def add_counts(past: ProviderStats, now: ProviderStats) -> ProviderStats:
    """What it holds `now`, and what it and those of the `past` have done."""
    return replace(
        now,
        prefilled_tokens=past.prefilled_tokens + now.prefilled_tokens,
        cached_tokens=past.cached_tokens + now.cached_tokens,
        cache_hits=past.cache_hits + now.cache_hits,
        cache_lookups=past.cache_lookups + now.cache_lookups,
        parkings=past.parkings + now.parkings,
        drafted_tokens=past.drafted_tokens + now.drafted_tokens,
        accepted_tokens=past.accepted_tokens + now.accepted_tokens,
    )
