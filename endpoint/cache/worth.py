"""Which held prefixes are worth a place on the disk, and when. Pure.

A disk wears with what is written, and a conversation that is written anew at each turn writes its length squared. So a
prefix is written again only when it has grown by a fifth: all writes of a conversation are then at most six times its
end. What that leaves out is written when the endpoint stops.
"""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.cache.residency import WORTH_KEEPING

LONG = 256
"""Tokens from which a prefix that nobody named is written."""
GROWTH = 5
"""It must have this part more than what is saved of it already."""
QUIET_S = 5.0
"""A prefix that was used once is written when nothing has happened for so long."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A held prefix of `tokens`, of which `saved` are on the disk; taken up `uses` times. `is_prepared`: a caller asked
    for it by a key, and nothing but for it."""

    tokens: int
    saved: int
    uses: int
    is_prepared: bool


def is_worth_saving(candidate: Candidate, quiet_s: float) -> bool:
    """While the endpoint runs, and has had nothing to do for `quiet_s` seconds."""
    missing = candidate.tokens - candidate.saved
    if missing < WORTH_KEEPING:
        return False
    if candidate.is_prepared:
        return True
    has_grown = missing * GROWTH >= candidate.tokens
    return candidate.tokens >= LONG and has_grown and (candidate.uses > 0 or quiet_s >= QUIET_S)


def is_worth_saving_at_end(candidate: Candidate) -> bool:
    """When the endpoint stops."""
    return candidate.tokens - candidate.saved >= WORTH_KEEPING
