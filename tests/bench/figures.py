"""From samples to figures: medians, spreads, ratios of pairs that were measured one right after the other. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Sample = float | None
"""None: this server could not do it, or failed in this round."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of what was measured, with the smallest and the largest of it."""

    median: float
    low: float
    high: float


def summarise(samples: Sequence[Sample]) -> Figure | None:
    """The figure of all samples that there are; None when there are none."""
    known = [sample for sample in samples if sample is not None]
    return Figure(statistics.median(known), min(known), max(known)) if known else None


def pair_ratios(ours: Sequence[Sample], theirs: Sequence[Sample]) -> list[Sample]:
    """Round by round. Rounds are minutes apart and a machine drifts; within a round both saw the same machine."""
    return [mine / other if mine is not None and other else None for mine, other in zip(ours, theirs, strict=False)]


def pair_differences(ours: Sequence[Sample], theirs: Sequence[Sample]) -> list[Sample]:
    """Round by round, ours minus theirs."""
    return [
        mine - other if mine is not None and other is not None else None
        for mine, other in zip(ours, theirs, strict=False)
    ]


def best_of(peers: Sequence[Sequence[Sample]], *, higher: bool) -> list[Sample]:
    """The samples of the peer with the best median; none when no peer has any."""
    known = [(figure.median, samples) for samples in peers if (figure := summarise(samples)) is not None]
    if not known:
        return []
    choose = max if higher else min
    return list(choose(known, key=lambda pair: pair[0])[1])
