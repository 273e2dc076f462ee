"""The engine's inbox: a queue that knows how many of the commands in it are requests.

Owner: the event loop puts requests, other threads other commands; the engine thread alone takes. Each counter below is
written by one of those sides, so no lock is needed, and none is forgotten whichever way a command leaves.
"""

from __future__ import annotations

from queue import SimpleQueue

from endpoint.engine.commands import Command, Embed, Submit


class Inbox(SimpleQueue[Command]):
    """As SimpleQueue. What others want (events of the disk, wishes for the cache) does not make an endpoint busy."""

    def __init__(self) -> None:
        self._came = 0
        self._went = 0

    @property
    def requests(self) -> int:
        """Requests that wait in here. From any thread; right but for what comes or goes just now."""
        return max(0, self._came - self._went)

    def put(self, item: Command, block: bool = True, timeout: float | None = None) -> None:
        """At the end; never blocks."""
        if isinstance(item, Submit | Embed):
            self._came += 1
        super().put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Command:
        """The next one. Raises queue.Empty."""
        return self._count(super().get(block, timeout))

    def get_nowait(self) -> Command:
        """The next one, if there is one. Raises queue.Empty."""
        return self._count(super().get_nowait())

    def _count(self, item: Command) -> Command:
        if isinstance(item, Submit | Embed):
            self._went += 1
        return item
