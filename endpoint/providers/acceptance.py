"""How far a row's proposals can be trusted, and how many tokens to draft. Pure; engine thread only.

Every proposal is compared with what the model says, also when none of it was drafted: that costs nothing, so a text
that begins to repeat itself is noticed, and one that doesn't is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf
from operator import mul

from endpoint.providers.costs import StepCosts

LENGTHS = (1, 2, 3, 5, 7, 11, 15)
"""Drafts that are considered. A decode of up to 16 tokens fills the tiles of matrix units; more tokens gain little."""
WORTH = 1.3
"""Times as many tokens as the time that a draft adds would bring without it: less isn't worth the risk of a wrong
estimate."""
_LEVELS = (5, 9)
_FIRST_TRUST = (0.3, 0.5, 0.7)
_TRUST_WEIGHT = 3.0
_DECAY = 0.9


class Acceptance:
    """The share of proposed tokens that come true, by how many tokens before them agree; recent ones count more."""

    def __init__(self) -> None:
        self._came_true = [trust * _TRUST_WEIGHT for trust in _FIRST_TRUST]
        self._seen = [_TRUST_WEIGHT] * len(_FIRST_TRUST)

    def chance(self, matched: int) -> float:
        """That a token comes true after `matched` tokens that agree."""
        level = _level(matched)
        return self._came_true[level] / self._seen[level]

    def compare(self, proposed: Sequence[int], matched: int, drawn: Sequence[int]) -> None:
        """Learn from what was drawn; behind the first difference a proposal says nothing."""
        for place, (token, truth) in enumerate(zip(proposed, drawn, strict=False)):
            level = _level(matched + place)
            self._seen[level] = self._seen[level] * _DECAY + 1
            self._came_true[level] = self._came_true[level] * _DECAY + (token == truth)
            if token != truth:
                return


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step so far: its tokens, how many new ones it is expected to bring, and the seconds it may take at most."""

    tokens: int
    expected: float
    limit_s: float = inf

    def rate(self, costs: StepCosts) -> float:
        """Expected new tokens a second."""
        return self.expected / max(costs.cost(self.tokens), 1e-9)


def choose_length(plan: StepPlan, acceptance: Acceptance, matched: int, most: int, costs: StepCosts) -> int:
    """How many tokens to draft for one more row of a step; 0 where that wouldn't pay."""
    best, best_rate = 0, plan.rate(costs)
    for length in LENGTHS:
        if length > most:
            break
        longer = extend_plan(plan, acceptance, matched, length)
        added_s = costs.cost(longer.tokens) - costs.cost(plan.tokens)
        if costs.cost(longer.tokens) > plan.limit_s:
            break
        pays = longer.expected - plan.expected > WORTH * plan.rate(costs) * added_s
        if pays and longer.rate(costs) > best_rate:
            best, best_rate = length, longer.rate(costs)
    return best


def extend_plan(plan: StepPlan, acceptance: Acceptance, matched: int, length: int) -> StepPlan:
    """The step with a draft of `length` tokens more: each counts only if all before it come true."""
    chances = (acceptance.chance(matched + place) for place in range(length))
    return replace(plan, tokens=plan.tokens + length, expected=plan.expected + sum(accumulate(chances, mul)))


def _level(matched: int) -> int:
    return sum(matched >= level for level in _LEVELS)
