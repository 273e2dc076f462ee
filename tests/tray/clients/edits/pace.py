"""How examples at random are tried: at whatever pace the machine has."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

any_pace = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
