"""How a request's sampling is settled: field by field what it says, else a default. Pure.

The defaults are, field by field too: what the command line or the environment says, else what the model's own files
recommend, else DEFAULT_SAMPLING (docs/adr/0001-sampling-defaults.md).
"""

from __future__ import annotations

from dataclasses import replace

from endpoint.providers.base import Sampling
from endpoint.providers.sampling_wish import SPANS, SamplingWish

DEFAULT_SAMPLING = Sampling(temperature=0.8, top_p=0.95, top_k=40, min_p=0.05)
"""llama.cpp's own defaults. OpenAI's (temperature 1 over the whole vocabulary) are for far larger models: with a small
local one they bring in words from the tail of the distribution, and the text falls apart."""


def fill(wish: SamplingWish, defaults: Sampling) -> Sampling:
    """`defaults`, with what is wished in its place."""
    filled = replace(defaults, **wish.said())
    return replace(filled, top_k=max(0, filled.top_k))


def write_sampling(sampling: Sampling) -> dict[str, float]:
    """The fields that a SamplingWish has, as /v1/models tells them."""
    return {name: getattr(sampling, name) for name in SPANS}


def choose_defaults(told: SamplingWish, recommended: SamplingWish) -> Sampling:
    """What a request gets that leaves fields out: as the endpoint was `told`, else as the model's files say."""
    return fill(told, fill(recommended, DEFAULT_SAMPLING))
