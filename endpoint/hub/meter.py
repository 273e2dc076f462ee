"""Counts the bytes of a download, over all its files, and tells them. Used by the working thread."""

from __future__ import annotations

from collections.abc import Mapping

from endpoint.hub.reporter import Reporter
from endpoint.hub_contract import Progress


class Meter:
    """`sizes`: bytes of each file, by its name; `done`: those of them that are here already."""

    def __init__(self, sizes: Mapping[str, int], done: Mapping[str, int], reporter: Reporter) -> None:
        self._done = dict(done)
        self._reporter = reporter
        self.total = sum(sizes.values())
        self.fetched = 0  # from the network, what came twice too

    @property
    def done(self) -> int:
        return sum(self._done.values())

    @property
    def remaining(self) -> int:
        return self.total - self.done

    def set(self, name: str, done: int) -> None:
        """So much of this file is on the disk."""
        self._done[name] = done
        self._reporter.say_sometimes(Progress(self.done, self.total))

    def show(self) -> None:
        """Tell it now."""
        self._reporter.say(Progress(self.done, self.total))
