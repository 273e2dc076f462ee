"""What is done when memory runs short while a model serves: held prefixes go first, then new requests are refused.

What runs goes on. Engine thread only; looks once a second at most, between steps and on an idle engine's beat.
Invariant: nothing is refused for memory while there is a held prefix that could go instead.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from endpoint.cache.report import Shortfall
from endpoint.engine.health import MemoryPressure, MemoryState
from endpoint.engine.heap import give_back
from endpoint.engine.saving import PrefixSaver
from endpoint.engine.standing import Vitals
from endpoint.engine.tiers import PrefixTiers

_LOGGER = logging.getLogger(__name__)
LOOK_S = 1.0
RELIEVED = 1.25
"""Times the reserve must be free before it counts as over: else it would come and go with every request."""
SMALLEST_RESERVE, RESERVE_SHARE, LARGEST_SHARE = 512 << 20, 20, 8


def choose_reserve(total_bytes: int) -> int:
    """Bytes to keep free: a twentieth of all that this process could have, and half a gigabyte at least, but never more
    than an eighth."""
    return min(max(SMALLEST_RESERVE, total_bytes // RESERVE_SHARE), total_bytes // LARGEST_SHARE)


@dataclass(frozen=True, slots=True)
class MemoryWatch:
    """`read_free` tells the bytes that this process may still take; `reserve_bytes` of them should stay so. Where a
    model left less than twice that free when it was ready, half of what it left is the reserve."""

    read_free: Callable[[], int]
    reserve_bytes: int


class MemoryRelief:
    """For one run of the loop. What it finds is in `vitals.memory`, for other threads to see."""

    def __init__(
        self,
        watch: MemoryWatch,
        tiers: PrefixTiers,
        saver: PrefixSaver,
        vitals: Vitals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_free = watch.read_free
        self._tiers = tiers
        self._saver = saver
        self._vitals = vitals
        self._clock = clock
        self._reserve = min(watch.reserve_bytes, watch.read_free() // 2)
        self._due = clock()

    def check(self) -> None:
        """Look, if it is time to, and do what has to be done."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + LOOK_S
        free, before = self._read_free(), self._vitals.memory.pressure
        pressure = before
        if free < self._reserve:
            free = self._shed(self._reserve - free, free)
            is_spent = free < self._reserve and not self._tiers.held_bytes
            pressure = MemoryPressure.REFUSING if is_spent else MemoryPressure.SHEDDING
        elif free >= self._reserve * RELIEVED and pressure is not MemoryPressure.NONE:
            pressure = MemoryPressure.NONE
            self._tiers.cache.budget_bytes = self._tiers.budget_bytes
        self._vitals.memory = MemoryState(pressure, free, self._reserve)
        if pressure is not before:
            _LOGGER.warning("Memory pressure: %s. %s", pressure.value, self._vitals.memory.told)

    def _shed(self, wanted: int, free: int) -> int:
        """Let held prefixes go, the least recently used first, until so many bytes are free again; what is worth it
        goes to the disk. No more than what is left is held from now on. The bytes that are free then."""
        cache, goal = self._tiers.cache, self._tiers.held_bytes - wanted
        has_shed = False
        while self._tiers.held_bytes > goal and (victim := cache.choose_victim()) is not None:
            self._saver.save_before_loss(victim)
            cache.drop(victim, Shortfall.EVICTED)
            has_shed = True
        cache.budget_bytes = min(cache.budget_bytes, self._tiers.held_bytes)
        if not has_shed:
            return free
        give_back()
        return self._read_free()
