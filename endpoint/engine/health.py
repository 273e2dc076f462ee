"""What the engine says of itself. The truth comes from its thread's heartbeat, not from HTTP being alive."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.contract import HealthStatus


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """A snapshot, taken from any thread. Ages and times in seconds; `progress` is the loaded share, 0.0 to 1.0."""

    status: HealthStatus
    progress: float
    error: str | None
    active: int
    queued: int
    heartbeat_age_s: float
    uptime_s: float
