"""Log-probabilities on their way to the reader: each goes out with the text that its token begins. Engine thread only.

Invariant: whatever is added comes out once, in order: with shown text, or at the end.
"""

from __future__ import annotations

from collections import deque

from endpoint.providers.logprobs import TokenLogprobs


class LogprobLedger:
    """Of one generation. Text is counted in characters: `written` by tokens, and of that `shown` to the reader."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, TokenLogprobs]] = deque()  # where the token's text begins
        self._written = 0
        self._shown = 0

    def add(self, logprobs: TokenLogprobs) -> None:
        """The next token; what it writes is told after."""
        self._waiting.append((self._written, logprobs))

    def write(self, length: int) -> None:
        """The token wrote so many characters."""
        self._written += length

    def show(self, length: int) -> None:
        """So many more characters may be shown."""
        self._shown += length

    def take_shown(self) -> tuple[TokenLogprobs, ...]:
        """Of tokens whose text is shown, at least in part."""
        taken = []
        while self._waiting and self._waiting[0][0] < self._shown:
            taken.append(self._waiting.popleft()[1])
        return tuple(taken)

    def take_all(self) -> tuple[TokenLogprobs, ...]:
        """Those that are left at the end: of tokens without text, and of what a stop string cut off."""
        taken = tuple(logprobs for _start, logprobs in self._waiting)
        self._waiting.clear()
        return taken
