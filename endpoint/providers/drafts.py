"""What may come next, looked up in what a row has said and been told: prompt lookup. Pure; engine thread only.

The last few tokens have often stood there before: in code that is edited, in lists, in quotations. What followed them
then is proposed now. See docs/adr/0009-prompt-lookup.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GRAM = 3
"""Tokens that must agree. Two find far more places, and the wrong ones."""
CANDIDATES = 8
"""Earlier places that are compared, the latest first."""
LONGEST_MATCH = 16
"""Tokens beyond which a longer agreement tells nothing more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Proposed tokens. `matched`: how many tokens before them agree with the place they are taken from."""

    tokens: tuple[int, ...]
    matched: int


class DraftIndex:
    """Where each run of GRAM tokens stood. Reads `tokens`, a row's own list, which may only grow."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = tokens
        self._latest: dict[tuple[int, ...], int] = {}  # a run -> the place behind its latest occurrence
        self._before: list[int] = [0] * GRAM  # a place -> the place behind the occurrence before; 0: none
        self._indexed = GRAM - 1  # the runs that end before this place are known

    def propose(self, most: int) -> Draft | None:
        """Up to `most` tokens that followed the best earlier occurrence of the last ones: the longest agreement, the
        latest of several. Where that reaches into the end itself (a loop), the loop goes on."""
        self._index()
        tokens, end = self._tokens, len(self._tokens)
        if most < 1 or end <= GRAM:
            return None
        place = self._latest.get(tuple(tokens[end - GRAM :]), 0)
        best, matched = 0, 0
        for _ in range(CANDIDATES):
            if place == 0 or matched == LONGEST_MATCH:
                break
            agreed = self._agreement(place)
            if agreed > matched:
                best, matched = place, agreed
            place = self._before[place]
        return Draft(self._follow(best, most), matched) if best else None

    def _index(self) -> None:
        """Take in all runs but the last one, which nothing has followed yet."""
        tokens, latest, before = self._tokens, self._latest, self._before
        for end in range(self._indexed + 1, len(tokens)):
            run = tuple(tokens[end - GRAM : end])
            before.append(latest.get(run, 0))
            latest[run] = end
        self._indexed = max(self._indexed, len(tokens) - 1)

    def _agreement(self, place: int) -> int:
        """How many tokens before `place` equal those before the end, at most LONGEST_MATCH."""
        tokens, end = self._tokens, len(self._tokens)
        most = min(place, LONGEST_MATCH)
        return next((n for n in range(GRAM, most) if tokens[place - 1 - n] != tokens[end - 1 - n]), most)

    def _follow(self, place: int, most: int) -> tuple[int, ...]:
        period = len(self._tokens) - place
        found = list(self._tokens[place : place + most])
        while len(found) < most:
            found.append(found[-period])
        return tuple(found)
