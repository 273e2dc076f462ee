"""How many prompt tokens to prefill in one step, from what steps have cost so far. Pure; engine thread only.

A step can't be interrupted, so its length bounds how long running streams pause, how long a cancel waits and how old
the engine's heartbeat gets. Hence a time goal and not a fixed count: 512 tokens are 40 ms on one machine and a minute
on another.
"""

from __future__ import annotations

ALONE_S = 0.5
BRIEF_S = 0.1
SMALLEST = 16
LARGEST = 512
_FIRST = 64
_WEIGHT = 0.3
"""Of the newest measurement in the moving average."""


class ChunkSizer:
    """Learns the seconds that a prompt token and a decode step cost."""

    def __init__(self, largest: int = LARGEST, smallest: int = SMALLEST) -> None:
        self._largest = largest
        self._smallest = smallest
        self._prefill_s: float | None = None  # per prompt token
        self._decode_s = 0.0  # per step without prefill

    def size(self, *, brief: bool) -> int:
        """Tokens for the next chunk; `brief` when somebody waits for the step to end: rows that
        decode in it, or whoever may come while it runs."""
        if self._prefill_s is None:
            return min(_FIRST, self._largest)
        # Where a decode alone takes longer than that, as much again: the streams go on at half their pace.
        goal = max(BRIEF_S - self._decode_s, self._decode_s) if brief else ALONE_S
        tokens = int(goal / self._prefill_s) if self._prefill_s > 0 else self._largest
        return max(self._smallest, min(self._largest, tokens))

    def fitting(self, decodes: int) -> int:
        """Tokens of a prefill that takes as long as so many decode steps."""
        if self._prefill_s is None or self._prefill_s <= 0:
            return self.size(brief=True)
        return int(decodes * self._decode_s / self._prefill_s)

    def learn(self, prefilled: int, decoded: int, seconds: float) -> None:
        """Take a step's measurement: prompt tokens, decoding rows, wall time."""
        if prefilled == 0:
            self._decode_s = _mix(self._decode_s or None, seconds)
        elif prefilled >= SMALLEST:
            rest = seconds - (self._decode_s if decoded else 0.0)
            self._prefill_s = _mix(self._prefill_s, max(rest, 0.0) / prefilled)


def _mix(old: float | None, new: float) -> float:
    return new if old is None else old + _WEIGHT * (new - old)
