"""Draws for a row whose tokens are limited. Pure but for the constraint's own state.

Sample first, for what the model wants is mostly allowed; only else look at the whole vocabulary. What the constraint
leaves no choice about is taken without sampling, and computed in the next batch, all of it together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from endpoint.providers.constraint import Constraint

MOST_TOGETHER = 16
"""Tokens of an answer that are taken without choice and may wait to be computed, all in one step."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`sampled` from the batch's logits, then `forced`, which the next batch computes."""

    sampled: list[int]
    forced: list[int]


def draw_constrained(
    constraint: Constraint,
    draw: Callable[[int], int],
    draft: Sequence[int],
    left: int,
    *,
    one_by_one: bool,
    is_end: Callable[[int], bool],
) -> Drawn:
    """The row's next tokens, at most `left`: the forced ones, or those that `draw` draws at each place, as long as they
    are the draft's, and the forced ones after them. `one_by_one`: each from its own logits, because they are asked for.
    Raises what the constraint raises."""
    most = 0 if one_by_one else min(left, MOST_TOGETHER)
    forced = _accept_forced(constraint, most)
    if forced:
        return Drawn([], forced)
    sampled: list[int] = []
    for place in range(len(draft) + 1):
        token = draw(place)
        constraint.accept(token)
        sampled.append(token)
        if tuple(draft[place : place + 1]) != (token,) or is_end(token):
            break
    most = 0 if is_end(sampled[-1]) else min(most, left - len(sampled))
    return Drawn(sampled, _accept_forced(constraint, most))


def _accept_forced(constraint: Constraint, most: int) -> list[int]:
    taken = list(constraint.forced())[:most] if most > 0 else []
    for token in taken:
        constraint.accept(token)
    return taken
