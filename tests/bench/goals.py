"""Whether a metric's goals are met, from its samples. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figures import Figure, Sample, best_of, pair_differences, pair_ratios, summarise
from tests.bench.metric import Basis, Better, Goal, Metric


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, what it was compared with, and whether it holds; None when there was nothing to compare."""

    goal: Goal
    figure: Figure | None
    met: bool | None


def judge(metric: Metric, ours: Sequence[Sample], peers: Mapping[str, Sequence[Sample]]) -> list[Verdict]:
    """One verdict a goal. The first of `peers` is the one that ratios are taken to."""
    return [_judge(metric, goal, ours, peers) for goal in metric.goals]


def _judge(metric: Metric, goal: Goal, ours: Sequence[Sample], peers: Mapping[str, Sequence[Sample]]) -> Verdict:
    first = next(iter(peers.values()), ())
    match goal.basis:
        case Basis.RATIO:
            compared = pair_ratios(ours, first)
        case Basis.BEST_PEER:
            compared = pair_ratios(ours, best_of(list(peers.values()), higher=metric.better is Better.HIGHER))
        case Basis.DIFFERENCE:
            compared = pair_differences(ours, first)
        case Basis.OWN:
            compared = list(ours)
    figure = summarise(compared)
    return Verdict(goal, figure, None if figure is None else _holds(metric.better, figure.median, goal.bound))


def _holds(better: Better, value: float, bound: float) -> bool:
    return value >= bound if better is Better.HIGHER else value <= bound
