"""Where a prefill stops to hold its state: the depths that were asked for, made such that answers stay the same. Pure.

A prompt's last token is computed by itself and no other one may be (see `llamacpp.plan`), so between any two stops lie
two tokens or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

MOST = 8
"""Checkpoints that a sequence holds: the first, which most others share, and the newest."""


def choose_stops(wanted: Iterable[int], length: int, settle: Callable[[int], int]) -> tuple[int, ...]:
    """Depths in a prompt of `length` tokens, ascending, each moved down by `settle` to one that suits the model. Where
    two lie side by side the later one stays; the last possible is one before the last token."""
    end = length - 1
    stops: list[int] = []
    for depth in sorted({_off_the_end(settle(depth), end, settle) for depth in wanted if depth <= end}, reverse=True):
        if depth >= 2 and (not stops or stops[-1] - depth >= 2):
            stops.append(depth)
    return tuple(reversed(stops))


def _off_the_end(depth: int, end: int, settle: Callable[[int], int]) -> int:
    return settle(depth - 1) if end - depth == 1 else depth


def thin_out(depths: Iterable[int], most: int = MOST) -> tuple[int, ...]:
    """Those to go on holding, ascending: at most so many of them."""
    ordered = tuple(sorted(depths))
    if len(ordered) <= most:
        return ordered
    return (ordered[0], *ordered[1 - most :]) if most > 1 else ordered[len(ordered) - most :]


def next_stop(stops: Iterable[int], done: int, end: int) -> int:
    """How far a prefill that has computed `done` tokens may go in one go: to the next stop, or to `end`. Stops that
    would leave a single token to compute are passed over."""
    return next((stop for stop in stops if stop - done >= 2 and end - stop >= 2), end)
