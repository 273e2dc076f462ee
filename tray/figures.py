"""What the endpoint tells of itself in numbers, as values. Raw: who shows them rounds them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """Bytes, as /health's `memory` tells them."""

    weights: int = 0
    kv: int = 0
    prefixes: int = 0
    prefix_budget: int = 0
    disk: int = 0
    disk_budget: int = 0


@dataclass(frozen=True, slots=True)
class ReuseFigures:
    """What the prompt cache has spared since the start. `hit_rate` 0.0 to 1.0; None before any prompt."""

    hit_rate: float | None = None
    cached_tokens: int = 0
    saved_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HealthFigures:
    """The numbers of a healthy endpoint. `uptime_min` in whole minutes: more would change a menu every second.
    Rates in tokens a second, over the last seconds. `n_ctx` 0: not told."""

    uptime_min: int = 0
    requests: int = 0
    failed: int = 0
    prefill_rate: float = 0.0
    decode_rate: float = 0.0
    n_ctx: int = 0
    memory: MemoryFigures = field(default_factory=MemoryFigures)
    reuse: ReuseFigures = field(default_factory=ReuseFigures)
    last_error: str = ""
    pressure: str = ""  # "shedding" or "refusing" while the machine's memory is short


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A named prefix. `expires_in_min` in whole minutes, rounded up; None: it stays."""

    name: str
    size: int
    expires_in_min: int | None = None


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the prompt cache takes and may take, in bytes; None: not told. `last_miss`: why the newest prompt that
    missed something did, in words; empty: none did, or it isn't told."""

    ram: int | None = None
    ram_budget: int | None = None
    disk: int | None = None
    disk_budget: int | None = None
    keys: tuple[NamedKey, ...] = ()
    last_miss: str = ""
