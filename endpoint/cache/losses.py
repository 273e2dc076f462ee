"""What was held and is no more, and why: so that a miss can be told from one that never was. Pure; engine thread only.

Bounded in number and in tokens; what was lost longest ago is forgotten first.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import dataclass

from endpoint.cache.index import PrefixIndex
from endpoint.cache.report import Shortfall

MOST = 64
MOST_TOKENS = 1 << 20


@dataclass(frozen=True, slots=True)
class Loss:
    """`tokens` whose state went, `why`, and more of that in words."""

    tokens: tuple[int, ...]
    why: Shortfall
    detail: str = ""


class Losses:
    """The last ones."""

    def __init__(self) -> None:
        self._index = PrefixIndex()
        self._losses: OrderedDict[int, Loss] = OrderedDict()
        self._numbers = itertools.count()
        self._tokens = 0

    def note(self, loss: Loss) -> None:
        """Remember one."""
        if not loss.tokens or len(loss.tokens) > MOST_TOKENS:
            return
        number = next(self._numbers)
        self._index.insert(number, loss.tokens)
        self._losses[number] = loss
        self._tokens += len(loss.tokens)
        while len(self._losses) > MOST or self._tokens > MOST_TOKENS:
            oldest, gone = self._losses.popitem(last=False)
            self._index.remove(oldest)
            self._tokens -= len(gone.tokens)

    def find(self, tokens: tuple[int, ...]) -> tuple[Loss, int] | None:
        """What shares the longest beginning with these tokens, and how many."""
        match = self._index.match_longest(tokens)
        return None if match is None else (self._losses[match.entry], match.depth)
