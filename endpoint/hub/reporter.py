"""Tells the parent how it goes, a line of JSON an event; progress not more often than a person can read it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TextIO

from endpoint.hub_contract import HubEvent, Progress, Verifying, Waiting, format_event

EVERY_S = 0.2


class Reporter:
    """Writes to `out`. Any thread may say something. Raises BrokenPipeError when nobody reads any more."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._lock = threading.Lock()
        self._last = float("-inf")

    def say(self, event: HubEvent) -> None:
        """Write it at once."""
        with self._lock:
            self._out.write(f"{format_event(event)}\n")
            self._out.flush()

    def say_sometimes(self, event: Progress | Verifying | Waiting) -> None:
        """Write it, unless the last such event was a moment ago."""
        now = self._clock()
        if now - self._last >= EVERY_S:
            self._last = now
            self.say(event)
