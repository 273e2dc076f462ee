"""What the engine says of itself. The truth comes from its thread's heartbeat, not from HTTP being alive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from endpoint.contract import HealthStatus


class Presence(Enum):
    """Where the model is, once it has been loaded."""

    LOADED = auto()
    UNLOADED = auto()  # idle for so long that it was let go; the next request brings it back
    RETURNING = auto()  # being loaded again


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
