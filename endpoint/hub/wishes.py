"""What the parent wants, as it comes on standard input: pause, cancel, or nothing more because it has gone.

One thread reads; the working thread looks between two pieces of work, and sleeps only here. A worker that is stuck in a
connection is not waited for: what is on the disk may be left at any byte.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable

from endpoint.hub_contract import Wish

PATIENCE_S = 1.5
"""How long a worker may take to notice a wish."""


class WishHeard(Exception):
    """Ends the work, as `wish` says."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish.value)
        self.wish = wish


class Wishes:
    """`give_up` is called, on the reading thread, when the worker didn't notice in time."""

    def __init__(self, give_up: Callable[[Wish], None] | None = None) -> None:
        self._give_up = give_up or (lambda _: os._exit(1))
        self._wish: Wish | None = None
        self._heard = threading.Event()
        self._over = threading.Event()

    def listen(self, lines: Iterable[str]) -> None:
        """Start reading. The thread ends with the process."""
        threading.Thread(target=self._read, args=(lines,), name="wishes", daemon=True).start()

    def check(self) -> None:
        """Raises WishHeard when there is one."""
        if self._heard.is_set():
            raise WishHeard(self._wish or Wish.PAUSE)

    def sleep(self, seconds: float) -> None:
        """Wait, unless a wish comes: raises WishHeard."""
        self._heard.wait(seconds)
        self.check()

    def close(self) -> None:
        """The work is over: nobody need be hurried any more."""
        self._over.set()

    def _read(self, lines: Iterable[str]) -> None:
        words = {wish.value: wish for wish in Wish}
        wishes = (words[line.strip()] for line in lines if line.strip() in words)
        self._wish = next(wishes, Wish.PAUSE)
        self._heard.set()
        if not self._over.wait(PATIENCE_S):
            self._give_up(self._wish)
