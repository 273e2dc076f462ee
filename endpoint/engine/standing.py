"""How an engine stands and what it did: written by its thread, read by any, one assignment at a time.

Invariant: `status` is FAILED for good once it is that; only STOPPING is set by another thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from endpoint.cache.disk.store import DiskStore
from endpoint.contract import HealthStatus
from endpoint.engine.health import MemoryState, Presence
from endpoint.engine.meter import Meter
from endpoint.engine.model import LoadedModel
from endpoint.providers.base import ProviderStats


@dataclass(slots=True)
class Vitals:
    """Times are time.monotonic() seconds."""

    heartbeat: float = field(default_factory=time.monotonic)
    active: int = 0
    queued: int = 0
    stats: ProviderStats = field(default_factory=ProviderStats)
    meter: Meter = field(default_factory=Meter)
    memory: MemoryState = field(default_factory=MemoryState)


@dataclass(slots=True)
class Standing:
    """`model`: what was loaded first; it stays as it is when the weights go and come back."""

    status: HealthStatus = HealthStatus.LOADING
    presence: Presence = Presence.LOADED
    progress: float = 0.0
    failure: Exception | None = None
    model: LoadedModel | None = None
    store: DiskStore | None = None

    def fail(self, error: Exception) -> None:
        """Nothing will be served any more."""
        self.failure = error
        self.status = HealthStatus.FAILED
