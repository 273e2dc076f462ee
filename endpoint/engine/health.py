"""What the engine says of itself. The truth comes from its thread's heartbeat, not from HTTP being alive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from endpoint.contract import HealthStatus


class Presence(Enum):
    """Where the model is, once it has been loaded."""

    LOADED = auto()
    UNLOADED = auto()  # idle for so long that it was let go; the next request brings it back
    RETURNING = auto()  # being loaded again


class MemoryPressure(StrEnum):
    """What short memory makes the engine do."""

    NONE = "none"
    SHEDDING = "shedding"  # held prefixes went, and no more are held
    REFUSING = "refusing"  # none is left to go: nothing new is begun


@dataclass(frozen=True, slots=True)
class MemoryState:
    """As last looked at, in bytes: what was free, and what should be."""

    pressure: MemoryPressure = MemoryPressure.NONE
    free_bytes: int = 0
    reserve_bytes: int = 0

    @property
    def told(self) -> str:
        """The numbers, in a sentence."""
        return f"{self.free_bytes / 1e6:.0f} MB are free, and {self.reserve_bytes / 1e6:.0f} MB should stay free."


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """A snapshot, taken from any thread. Ages and times in seconds; `progress` is the loaded share, 0.0 to 1.0, of a
    model that is being loaded, for the first time or again."""

    status: HealthStatus
    progress: float
    error: str | None
    active: int
    queued: int
    heartbeat_age_s: float
    uptime_s: float
    presence: Presence = Presence.LOADED
    memory: MemoryState = MemoryState()
