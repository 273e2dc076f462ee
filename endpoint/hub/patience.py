"""How often something is tried again, and what is told meanwhile. One object for one piece of work, on its thread."""

from __future__ import annotations

import math

from endpoint.hub.reporter import Reporter
from endpoint.hub.translating import find_wait, is_transient, tell_interruption
from endpoint.hub.wishes import Wishes
from endpoint.hub_contract import Waiting


class Patience:
    """`waits_s`: seconds before each try after the first; when they are used up, an error is final."""

    def __init__(self, reporter: Reporter, wishes: Wishes, waits_s: tuple[float, ...]) -> None:
        self._reporter = reporter
        self._wishes = wishes
        self._waits_s = waits_s
        self._left = list(waits_s)

    def renew(self) -> None:
        """Something has come: begin anew."""
        self._left = list(self._waits_s)

    def bear(self, error: Exception) -> None:
        """Wait until it may be tried again. Raises the error itself when that is of no use, and WishHeard."""
        if not self._left or not is_transient(error):
            raise error
        wait = max(self._left.pop(0), find_wait(error))
        self._reporter.say(Waiting(tell_interruption(error), math.ceil(wait)))
        self._wishes.sleep(wait)
