"""Whether goals are met."""

from __future__ import annotations

import pytest

from tests.bench.figures import Figure, Sample
from tests.bench.goals import judge
from tests.bench.metric import Basis, Better, Goal, Metric

PEERS: dict[str, list[Sample]] = {"first": [10.0, 10.0, 10.0], "best": [4.0, 4.0, 4.0]}


@pytest.mark.parametrize(
    ("better", "basis", "bound", "ours", "figure", "met"),
    [
        (Better.LOWER, Basis.RATIO, 0.5, 5.0, 0.5, True),
        (Better.LOWER, Basis.RATIO, 0.5, 5.1, 0.51, False),
        (Better.HIGHER, Basis.RATIO, 1.4, 14.0, 1.4, True),
        (Better.HIGHER, Basis.RATIO, 1.4, 13.0, 1.3, False),
        (Better.LOWER, Basis.BEST_PEER, 0.8, 4.0, 1.0, False),
        (Better.HIGHER, Basis.BEST_PEER, 0.8, 9.0, 0.9, True),
        (Better.LOWER, Basis.DIFFERENCE, 1.5, 11.5, 1.5, True),
        (Better.HIGHER, Basis.OWN, 0.95, 0.94, 0.94, False),
    ],
)
def test_a_goal_compares_with_what_it_names(
    better: Better, basis: Basis, bound: float, ours: float, figure: float, met: bool
) -> None:
    metric = Metric("m", "s", better, (Goal(basis, bound),))
    (verdict,) = judge(metric, [ours, ours, ours], PEERS)
    assert verdict.figure is not None
    assert verdict.figure.median == pytest.approx(figure)
    assert verdict.met is met


def test_the_median_decides_and_not_one_bad_round() -> None:
    metric = Metric("m", "s", Better.LOWER, (Goal(Basis.RATIO, 0.5),))
    (verdict,) = judge(metric, [1.0, 99.0, 1.0], PEERS)
    assert verdict.figure == Figure(0.1, 0.1, 9.9)
    assert verdict.met


def test_without_a_peer_there_is_no_verdict() -> None:
    metric = Metric("m", "s", Better.LOWER, (Goal(Basis.RATIO, 0.5), Goal(Basis.OWN, 2.0)))
    assert [verdict.met for verdict in judge(metric, [1.0], {"first": [None]})] == [None, True]
