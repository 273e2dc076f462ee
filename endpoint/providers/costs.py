"""What a decode step costs by its number of tokens, learned from steps. Pure; engine thread only."""

from __future__ import annotations

from bisect import bisect_left

GUESS = 0.1
"""Of a step's cost, for each token more, where nothing is known: a low guess gets tried and then is known."""
WEIGHT = 0.25
"""Of the newest measurement in the moving average."""
OUTLIER = 2.0
"""A measurement counts at most this many times what was expected: another program may have had the processor."""
MEMORY = 512
"""Steps after which a cost that was never met again is forgotten, for it may have been such a one."""


class StepCosts:
    """Seconds by tokens. Between two known numbers costs lie on a line."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._learned_at: dict[int, int] = {}
        self._known: list[int] = []
        self._steps = 0

    def learn(self, tokens: int, seconds: float) -> None:
        """Take what a step cost."""
        self._steps += 1
        self._forget_old()
        if self._known:
            expected = self.cost(tokens)
            seconds = min(seconds, OUTLIER * expected)
            if tokens in self._seconds:
                seconds = expected + WEIGHT * (seconds - expected)
        self._seconds[tokens] = seconds
        self._learned_at[tokens] = self._steps
        self._known = sorted(self._seconds)

    def knows(self, tokens: int) -> bool:
        """Whether a step of just so many tokens was measured lately."""
        return tokens in self._seconds

    def cost(self, tokens: int) -> float:
        """Seconds that a step of so many tokens is expected to take. 0.0 before anything is known."""
        known, seconds = self._known, self._seconds
        place = bisect_left(known, tokens)
        if place < len(known) and (known[place] == tokens or place == 0):
            return seconds[known[place]]
        if place == len(known):
            return seconds[known[-1]] * (1 + GUESS * (tokens - known[-1])) if known else 0.0
        low, high = known[place - 1], known[place]
        return seconds[low] + (seconds[high] - seconds[low]) * (tokens - low) / (high - low)

    def _forget_old(self) -> None:
        for tokens in self._known:
            if self._steps - self._learned_at[tokens] > MEMORY and len(self._seconds) > 1:
                del self._seconds[tokens], self._learned_at[tokens]
        self._known = sorted(self._seconds)
