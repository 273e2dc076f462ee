"""When to start a crashed endpoint again, and when to give up. Pure; times in seconds, monotonic."""

from __future__ import annotations

from dataclasses import dataclass

DELAYS_S = (1.0, 2.0, 5.0, 10.0)
GIVE_UP_AFTER = 5
STABLE_S = 60.0
"""An endpoint that has served this long starts again with a clean record."""


@dataclass(frozen=True, slots=True)
class CrashRecord:
    """Crashes in a row: each within a minute of becoming ready, or before that.

    Counting them in a row rather than in the last minute also ends the loop of a model that takes long to load.
    """

    count: int = 0

    def after_crash(self, served_s: float) -> CrashRecord:
        """One more; `served_s` is how long this child had been ready (0: it never was)."""
        return CrashRecord(1 if served_s >= STABLE_S else self.count + 1)

    @property
    def delay_s(self) -> float | None:
        """How long to wait before the next start; None: give up."""
        if self.count >= GIVE_UP_AFTER:
            return None
        return DELAYS_S[min(self.count, len(DELAYS_S)) - 1]
