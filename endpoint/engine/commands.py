"""What other threads may ask of the engine thread: values in its inbox, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from endpoint.cache.disk.store import DiskEvent
from endpoint.engine.control import Action
from endpoint.engine.embedding import EmbeddingTask
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Stream


@dataclass(frozen=True, slots=True)
class Submit:
    """Start a generation. `deadline` in time.monotonic() seconds; None: it may take any time."""

    job_id: int
    request: GenerationRequest
    stream: Stream
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """Compute embeddings; `deadline` as a Submit's."""

    task: EmbeddingTask
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Its reader has gone. Unknown ids are fine: it may have ended meanwhile."""

    job_id: int


@dataclass(frozen=True, slots=True)
class EndEarly:
    """Its reader has enough: end it as if the model had. Unknown ids are fine, as for Cancel."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Control:
    """A wish of the prompt-cache control plane; `answer` takes what came of it, or the error, on any thread."""

    action: Action[object]
    answer: Callable[[object], None]


@dataclass(frozen=True, slots=True)
class FromDisk:
    """What the store of saved prefixes reports."""

    event: DiskEvent


@dataclass(frozen=True, slots=True)
class Occupy:
    """Block the engine thread for `seconds`: the test hook behind "wedged"."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End the thread."""


Command = Submit | Embed | Cancel | EndEarly | Control | FromDisk | Occupy | Stop
