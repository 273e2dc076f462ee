"""Draws a token that a constraint allows from llama.cpp's logits. Engine thread only."""

from __future__ import annotations

import llama_cpp.llama_cpp as ll

from endpoint.providers.constraint import Constraint
from endpoint.providers.llamacpp.sampler import RowSampler


def sample_allowed(constraint: Constraint, sampler: RowSampler, context: ll.llama_context_p, output: int) -> int:
    """A token that the constraint allows, drawn from batch position `output`. A sampler that remembers tokens must not
    remember one that isn't taken, so it never sees those that aren't allowed."""
    if not sampler.remembers:
        token = sampler.sample(context, output)
        if constraint.allows(token):
            return token
    return sampler.sample_masked(context, output, constraint.mask())
