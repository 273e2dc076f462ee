"""What the engine has done and holds, as frozen values: the source of GET /metrics. Any thread may keep them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.engine.health import EngineHealth
from endpoint.engine.model import LoadedModel
from endpoint.providers.base import ProviderStats

STEP_BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the step-time histogram; one more bucket takes what is longer."""


class Outcome(StrEnum):
    """How a request's life in the engine ended."""

    STOP = "stop"
    LENGTH = "length"
    EMBEDDED = "embedded"  # its vectors were computed
    CANCELLED = "cancelled"  # its reader went away
    FAILED = "failed"
    DEADLINE = "deadline"  # its time was up
    REFUSED = "refused"  # the queue was full, or memory was short


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Steps with work in them: how many took at most each of STEP_BOUNDS_S (and longer), and their seconds in all."""

    counts: tuple[int, ...]
    total_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens a second over the last seconds; see `meter.WINDOW_S`."""

    prefill: float
    decode: float


@dataclass(frozen=True, slots=True)
class PromptCounts:
    """Prompt `tokens` of the requests that have begun, of which `cached` needed no computing. `prefill_per_s`: how fast
    this run computes them, where nothing else is done; None while that isn't known."""

    tokens: int = 0
    cached: int = 0
    prefill_per_s: float | None = None

    @property
    def saved_s(self) -> float | None:
        """Seconds that computing the cached ones would have taken, about; None while no speed is known."""
        return None if self.prefill_per_s is None else self.cached / self.prefill_per_s


@dataclass(frozen=True, slots=True)
class FailureNote:
    """A request that ended because we failed: when (Unix seconds) and why, without a word of its prompt."""

    at: float
    message: str


@dataclass(frozen=True, slots=True)
class ByteLedger:
    """Where the bytes are: the model's `weights`, its `kv` cells (all of them, used or not), held `prefixes` and
    `parked` rows in RAM, saved prefixes on `disk`; and what prefixes may take at most."""

    weights: int = 0
    kv: int = 0
    prefixes: int = 0
    prefix_budget: int = 0
    parked: int = 0
    disk: int = 0
    disk_budget: int = 0


@dataclass(frozen=True, slots=True)
class EngineMetrics:
    """A snapshot. Everything but `health` and `rates` counts from the engine's start and never goes down, except what
    `provider` holds now."""

    health: EngineHealth
    model: LoadedModel | None  # none before it is loaded
    provider: ProviderStats
    generated_tokens: int
    embedded_tokens: int
    outcomes: tuple[tuple[Outcome, int], ...]
    steps: StepTimes
    rates: Rates
    ledger: ByteLedger = ByteLedger()
    prompts: PromptCounts = PromptCounts()
    last_failure: FailureNote | None = None
