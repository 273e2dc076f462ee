"""Stop strings, matched on text across token boundaries. Pure; one instance a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class Cut:
    """Text that may be shown now, and the stop string that ended it there, if one did."""

    text: str
    stop: str | None = None

    @property
    def stopped(self) -> bool:
        """Whether a stop string ended it."""
        return self.stop is not None


class StopMatcher:
    """Holds back what may turn out to be the start of a stop string; a stop string itself is never given out."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""

    def feed(self, text: str) -> Cut:
        """Take new text. The earliest match wins; of two at one place, the one that is listed first."""
        if not self._stops:
            return Cut(text)
        self._held += text
        found = [(at, stop) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            at, stop = min(found, key=itemgetter(0))
            shown, self._held = self._held[:at], ""
            return Cut(shown, stop)
        keep = self._partial_length()
        split = len(self._held) - keep
        shown, self._held = self._held[:split], self._held[split:]
        return Cut(shown)

    def flush(self) -> str:
        """What was held back, once it is sure that no more text comes."""
        shown, self._held = self._held, ""
        return shown

    def _partial_length(self) -> int:
        """Length of the longest end of the held text that a stop string begins with."""
        for length in range(min(self._longest - 1, len(self._held)), 0, -1):
            end = self._held[-length:]
            if any(stop.startswith(end) for stop in self._stops):
                return length
        return 0
