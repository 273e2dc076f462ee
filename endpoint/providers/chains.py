"""Held prefixes that share what they have in common: chains of segments. Pure; engine thread only.

A segment's body is the state of some tokens, copied once; a prefix is a chain of them. One that begins like another
takes over that one's segments, as far as they go, and adds one of its own. A body lives as long as any chain has it
(`tally.py` counts it once), so prefixes may be released in any order.

Invariant: the first segment starts at 0, each next one within the one before, which is used up to there; the last one
ends where the prefix does. Bodies never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeAlias, TypeVar

from endpoint.providers.base import Reuse

SMALLEST_SHARE = 32
"""Tokens: fewer save less than a segment costs."""
MOST_SEGMENTS = 8
"""In a chain: each takes a copy of its own when the prefix is lent."""

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Segment(Generic[Body]):
    """`body`: the state of the tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    body: Body


Chain: TypeAlias = tuple[Segment[Body], ...]


def share(chain: Chain[Body], depth: int) -> Chain[Body]:
    """The segments of its first `depth` tokens."""
    return tuple(segment for segment in chain if segment.start < depth)


def choose_shared(chain: Chain[Body], depth: int, count: int) -> Chain[Body]:
    """What a new prefix of `count` tokens takes over from a held one with which it has the first `depth` in common;
    nothing, where a whole copy is better: it would share little, hang on a long chain, or keep in memory (and restore
    each time) more of others' tokens than it shares."""
    shared = share(chain, depth)
    others = sum(end - use for end, use in zip((each.end for each in shared), find_cuts(shared, depth), strict=True))
    pays = SMALLEST_SHARE <= depth < count and len(shared) < MOST_SEGMENTS and others <= depth
    return shared if pays else ()


def end_of_shared(shared: Chain[Body], base: Reuse | None) -> int:
    """Where the segment of one's own begins behind what is shared with the base, if anything is."""
    return base.depth if shared and base is not None else 0


def find_cuts(chain: Chain[Body], depth: int) -> list[int]:
    """Where each segment is cut when the whole is cut at `depth`: where the next one starts."""
    return [*(segment.start for segment in chain[1:]), depth][: len(chain)]


def read_spans(written: object, count: int) -> list[tuple[int, int]]:
    """The segments' starts and ends, as `write_spans` wrote them of a prefix of `count` tokens; none for what it
    wouldn't have written."""
    if not isinstance(written, list) or not written or not all(map(_is_span, written)):
        return []
    spans = [(int(start), int(end)) for start, end in written]
    follow = all(before[0] < after[0] <= before[1] for before, after in pairwise(spans))
    return spans if follow and spans[0][0] == 0 and spans[-1][1] == count else []


def write_spans(chain: Iterable[Segment[Body]]) -> list[list[int]]:
    """For JSON."""
    return [[segment.start, segment.end] for segment in chain]


def _is_span(written: object) -> bool:
    if not isinstance(written, list) or len(written) != 2 or any(type(number) is not int for number in written):
        return False
    return bool(0 <= written[0] < written[1])


def join_spans(spans: Sequence[tuple[int, int]], bodies: Sequence[Body]) -> Chain[Body]:
    """A chain of these, as many bodies as spans."""
    return tuple(Segment(*span, body) for span, body in zip(spans, bodies, strict=True))
