"""What snapshots take in RAM, each counted once however many hold it. Pure; engine thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sized


class ByteTally:
    """Counts holders, so that the sum is there at any time: it is asked for after every step."""

    def __init__(self) -> None:
        self.bytes = 0
        self._holders: dict[int, int] = {}  # by identity: whoever is counted is alive

    def hold(self, snapshots: Iterable[Sized]) -> None:
        """Somebody holds these."""
        for snapshot in snapshots:
            holders = self._holders.get(id(snapshot), 0)
            self._holders[id(snapshot)] = holders + 1
            self.bytes += 0 if holders else len(snapshot)

    def let_go(self, snapshots: Iterable[Sized]) -> None:
        """Somebody holds these no longer."""
        for snapshot in snapshots:
            self._holders[id(snapshot)] -= 1
            if not self._holders[id(snapshot)]:
                del self._holders[id(snapshot)]
                self.bytes -= len(snapshot)
