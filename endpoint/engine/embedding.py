"""Requests for embeddings inside the engine: their line, their readers, their time. Computed between generation steps.

Inputs are computed one at a time, a piece a step, so that running streams wait no longer than for a chunk of a prompt.
Requests take turns after each input: a large batch holds up nobody.
Owner: the engine thread, but for PendingEmbedding, which belongs to the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from endpoint.engine.deadlines import Deadlines
from endpoint.engine.meter import Meter
from endpoint.engine.metrics import Outcome
from endpoint.errors import DeadlineExceeded, GenerationFailed, RequestError
from endpoint.providers.embedding import Embedder, Pooling, Vector


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Inputs of 1 to `traits.longest` tokens each; `timeout_s` from the submission, None for no limit."""

    inputs: tuple[tuple[int, ...], ...]
    pooling: Pooling
    timeout_s: float | None = None


Vectors = tuple[Vector, ...]


class PendingEmbedding:
    """A request's answer to come. Made on a running loop; `settle` and `fail` are the engine thread's."""

    def __init__(self, on_close: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[Vectors | RequestError] = self._loop.create_future()
        self._on_close = on_close

    async def wait(self) -> Vectors:
        """The vectors, in the inputs' order. Raises DeadlineExceeded, GenerationFailed, Unavailable."""
        result = await self._future
        if isinstance(result, RequestError):
            raise result
        return result

    def close(self) -> None:
        """The reader is done or gone: compute no more. Does nothing once the answer is there."""
        if not self._future.done() or self._future.cancelled():
            self._on_close()

    def settle(self, result: Vectors | RequestError) -> None:
        """Hand over the end, whatever it is; a loop that is gone takes nothing."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to read
            self._loop.call_soon_threadsafe(self._set, result)

    def _set(self, result: Vectors | RequestError) -> None:
        if not self._future.done():
            self._future.set_result(result)


@dataclass(slots=True)
class EmbeddingTask:
    """A request with its reader, and the vectors so far."""

    id: int
    request: EmbeddingRequest
    reader: PendingEmbedding
    vectors: list[Vector] = field(default_factory=list)
    has_begun: bool = False

    @property
    def next_input(self) -> tuple[int, ...]:
        """The input to compute now."""
        return self.request.inputs[len(self.vectors)]


class EmbeddingLine:
    """Tasks in turn; the first one's input is what the embedder is at work on."""

    def __init__(self, embedder: Embedder, meter: Meter) -> None:
        self._embedder = embedder
        self._meter = meter
        self._tasks: deque[EmbeddingTask] = deque()
        self._is_at_work = False
        self._deadlines = Deadlines()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def active(self) -> int:
        """How many have been begun."""
        return sum(task.has_begun for task in self._tasks)

    def join(self, task: EmbeddingTask, deadline: float | None = None) -> None:
        """Go to the end; `deadline` in time.monotonic() seconds."""
        self._tasks.append(task)
        if deadline is not None:
            self._deadlines.add(task.id, deadline)

    def cancel(self, task_id: int) -> bool:
        """Its reader has gone. False for an unknown id."""
        task = next((task for task in self._tasks if task.id == task_id), None)
        if task is not None:
            self._leave(task, Outcome.CANCELLED)
        return task is not None

    def end_late(self, now: float) -> None:
        """Tell those whose time is up."""
        for task_id in self._deadlines.take_due(now):
            task = next(task for task in self._tasks if task.id == task_id)
            standing = f"when {len(task.vectors)} of {len(task.request.inputs)} inputs were embedded"
            self._leave(task, Outcome.DEADLINE)
            task.reader.settle(DeadlineExceeded(task.request.timeout_s or 0.0, standing))

    def fail_all(self, error: RequestError) -> None:
        """Tell every reader, and be empty."""
        while self._tasks:
            task = self._tasks[0]
            self._leave(task, Outcome.FAILED)
            task.reader.settle(error)

    def step(self, *, brief: bool) -> None:
        """Compute a piece, if there is anything to compute."""
        if not self._tasks:
            return
        task = self._tasks[0]
        try:
            vector = self._advance(task, brief=brief)
        except GenerationFailed as error:
            self._meter.count_failure("An embedding could not be computed.")
            self._leave(task, None)
            task.reader.settle(error)
            return
        if vector is not None:
            self._take(task, vector)

    def _advance(self, task: EmbeddingTask, *, brief: bool) -> Vector | None:
        if not self._is_at_work:
            self._embedder.begin(task.next_input, task.request.pooling)
            self._is_at_work = task.has_begun = True
        return self._embedder.step(brief=brief)

    def _take(self, task: EmbeddingTask, vector: Vector) -> None:
        self._meter.embedded += len(task.next_input)
        task.vectors.append(vector)
        self._is_at_work = False
        self._tasks.rotate(-1)
        if len(task.vectors) == len(task.request.inputs):
            self._leave(task, Outcome.EMBEDDED)
            task.reader.settle(tuple(task.vectors))

    def _leave(self, task: EmbeddingTask, outcome: Outcome | None) -> None:
        """`outcome` None: it is counted already."""
        if self._tasks[0] is task:
            self._is_at_work = False
            self._embedder.forget()
        self._tasks.remove(task)
        self._deadlines.forget(task.id)
        if outcome is not None:
            self._meter.count_end(outcome)
