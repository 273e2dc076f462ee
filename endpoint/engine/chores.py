"""What an engine does while nobody wants anything: chores, one at a time, and in the end nothing, when it may let its
model go. Engine thread only. Times in seconds; `quiet_s`: since a request last ran or waited.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from endpoint.engine.idling import GRACE_S, IdlePrefill
from endpoint.engine.pressure import MemoryRelief, MemoryWatch
from endpoint.engine.saving import PrefixSaver
from endpoint.engine.standing import Vitals
from endpoint.engine.starting import JobStarter
from endpoint.engine.tiers import PrefixTiers

IDLE_BEAT_S = 1.0
"""How often an idle engine shows that it lives."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is asked of an engine besides serving: to let its model go after `unload_after_s` idle seconds (0: never),
    and to mind the machine's memory."""

    unload_after_s: float = 0.0
    watch: MemoryWatch | None = None


class Chores:
    """Answers are prefilled again, prefixes are saved; before the model goes, all that is worth it is. `prefill` is the
    loop's to stop, and to tell of answers and steps."""

    def __init__(self, starter: JobStarter, tiers: PrefixTiers, upkeep: Upkeep, vitals: Vitals) -> None:
        self._starter = starter
        self.prefill = IdlePrefill(starter)
        self._saver = PrefixSaver(tiers)
        self._tiers = tiers
        self._unload_after_s = upkeep.unload_after_s
        self._relief = None if upkeep.watch is None else MemoryRelief(upkeep.watch, tiers, self._saver, vitals)

    def choose_wait(self, quiet_s: float) -> float:
        """How long to wait for a request before the next chore."""
        if self.prefill.has_work or self._saver.has_work(quiet_s):
            return GRACE_S
        if not self._unload_after_s:
            return IDLE_BEAT_S
        return min(IDLE_BEAT_S, max(GRACE_S, self._unload_after_s - quiet_s))

    def step(self, quiet_s: float) -> bool:
        """Do one. True when nothing is left to do, and the model has been idle for long enough to go."""
        if self.prefill.has_work:
            self.prefill.begin()
        elif self._saver.has_work(quiet_s):
            self._saver.step(quiet_s)
        elif self._unload_after_s and quiet_s >= self._unload_after_s and not self._tiers.is_loading:
            return self._saver.finish()
        return False

    def keep_to_bounds(self) -> None:
        """After a step: held prefixes within their budget, and the machine's memory within its reserve."""
        self._starter.keep_to_budget()
        if self._relief is not None:
            self._relief.check()

    def save_all(self, seconds: float) -> None:
        """At the end: hand what isn't on the disk yet to those who write it, for so long."""
        self.prefill.stop()
        self._saver.save_all(time.monotonic() + seconds)
