"""What a workload measures and what is aimed at. Pure values."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from tests.bench.server import Bench


class Better(Enum):
    """Which way is good."""

    HIGHER = "≥"
    LOWER = "≤"


class Basis(StrEnum):
    """What a goal's bound is compared with."""

    RATIO = "× the first peer"
    BEST_PEER = "× the best peer"
    DIFFERENCE = "more than the first peer"
    OWN = "of its own"  # the figure itself, whatever the peers do


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound, on the good side of which a figure must lie."""

    basis: Basis
    bound: float


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a workload."""

    name: str
    unit: str
    better: Better
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """One measurement on a server that was started for it. `run` returns its metrics by name."""

    name: str
    told: str
    metrics: tuple[Metric, ...]
    run: Callable[[Bench], Coroutine[Any, Any, Mapping[str, float]]]


def rate(name: str, bound: float | None = None) -> Metric:
    """Tokens a second; `bound` on the ratio to the first peer."""
    return Metric(name, "tok/s", Better.HIGHER, _ratio(bound))


def seconds(name: str, bound: float | None = None) -> Metric:
    """Seconds; `bound` on the ratio to the first peer."""
    return Metric(name, "s", Better.LOWER, _ratio(bound))


def _ratio(bound: float | None) -> tuple[Goal, ...]:
    return () if bound is None else (Goal(Basis.RATIO, bound),)
