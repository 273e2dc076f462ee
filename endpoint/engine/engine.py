"""The engine as other threads see it: start, submit, health, drain, stop. Everything else happens on its own thread
(`residence.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

from endpoint.contract import HealthStatus
from endpoint.engine.chores import Upkeep
from endpoint.engine.commands import Cancel, Command, Control, Embed, EndEarly, Occupy, Stop, Submit
from endpoint.engine.control import Action
from endpoint.engine.embedding import EmbeddingRequest, EmbeddingTask, PendingEmbedding
from endpoint.engine.health import EngineHealth, MemoryPressure, Presence
from endpoint.engine.inbox import Inbox
from endpoint.engine.metrics import ByteLedger, EngineMetrics, FailureNote, Outcome
from endpoint.engine.model import LoadedModel
from endpoint.engine.pressure import MemoryWatch
from endpoint.engine.request import GenerationRequest
from endpoint.engine.residence import Load, OpenStore, Residence, Terms
from endpoint.engine.standing import Standing, Vitals
from endpoint.engine.stream import Stream
from endpoint.errors import NotReady, Overloaded, RequestError, Unavailable
from endpoint.providers.base import ProviderStats

DEFAULT_CACHE_BYTES = 1 << 30
"""For held prefixes, where nobody says."""
Wanted = TypeVar("Wanted")


class Engine:
    """Loads a provider through `load` on its thread, then serves it. `on_change` is called there when loading has ended
    and when the engine fails later. `wedged_after_s`: a silence longer than that means that the thread hangs.
    `cache_bytes` bounds what held prefixes take in RAM; `open_store` opens the place where they are saved. When no
    request has run or waited for `unload_after_s` seconds (0: never), the model goes until one comes. `watch` says
    how much memory is to stay free."""

    def __init__(
        self,
        load: Load,
        *,
        max_queue: int = 256,
        wedged_after_s: float = 30.0,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        open_store: OpenStore | None = None,
        unload_after_s: float = 0.0,
        watch: MemoryWatch | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._terms = Terms(load, cache_bytes, open_store, Upkeep(unload_after_s, watch))
        self._max_queue = max_queue
        self._wedged_after_s = wedged_after_s
        self._inbox = Inbox()
        self._vitals = Vitals()
        self._standing = Standing()
        self._ids = itertools.count(1)
        residence = Residence(self._terms, self._inbox, self._vitals, self._standing, on_change)
        self._thread = threading.Thread(target=residence.run, name="engine", daemon=True)
        self._started_at = time.monotonic()
        self._is_draining = False
        self._refused = 0  # counted by the submitting thread, which the meter is not for
        self._refusal: FailureNote | None = None  # the last one, noted there too

    def start(self) -> None:
        """Begin loading. Returns at once."""
        self._started_at = time.monotonic()
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the thread to end: every reader is told that the endpoint is stopping. Returns at once."""
        if self._standing.status in (HealthStatus.LOADING, HealthStatus.HEALTHY):
            self._standing.status = HealthStatus.STOPPING
        self._inbox.put(Stop())

    def drain(self) -> None:
        """Say in `health` that the endpoint is stopping. What was begun goes on, and may ask for more: who lets nothing
        new in is whoever calls this."""
        self._is_draining = True

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; False when it didn't end within `timeout_s` (it may hang, or be loading)."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self, timeout_s: float) -> bool:
        """Both of these: ask, then wait."""
        self.request_stop()
        return self.join(timeout_s)

    @property
    def failure(self) -> Exception | None:
        """Why the status is FAILED; None while it isn't."""
        return self._standing.failure

    @property
    def saves(self) -> bool:
        """Whether prefixes are saved on disk."""
        return self._terms.saves

    def model(self) -> LoadedModel:
        """The loaded model, the weights in memory or not. Raises NotReady while loading for the first time; Unavailable
        when failed, wedged or stopping."""
        status, error = self._judge()
        match status:
            case HealthStatus.LOADING:
                share = self._standing.progress
                raise NotReady(f"The model is loading ({share:.0%}). Try again soon; GET /health tells.")
            case HealthStatus.HEALTHY if self._standing.model is not None:
                return self._standing.model
        raise Unavailable(error or f"The endpoint is {status.value}.")

    def submit(self, request: GenerationRequest) -> Stream:
        """Queue a generation, from a running event loop. Raises NotReady, Unavailable, Overloaded."""
        self._check_room()
        job_id = next(self._ids)
        stream = Stream(
            asyncio.get_running_loop(),
            on_close=lambda: self._inbox.put(Cancel(job_id)),
            on_enough=lambda: self._inbox.put(EndEarly(job_id)),
        )
        self._post(Submit(job_id, request, stream, _find_deadline(request.timeout_s)))
        return stream

    def embed(self, request: EmbeddingRequest) -> PendingEmbedding:
        """Queue embeddings, from a running event loop. Raises NotReady, Unavailable, Overloaded."""
        self._check_room()
        task_id = next(self._ids)
        reader = PendingEmbedding(on_close=lambda: self._inbox.put(Cancel(task_id)))
        self._post(Embed(EmbeddingTask(task_id, request, reader), _find_deadline(request.timeout_s)))
        return reader

    async def control(self, action: Action[Wanted]) -> Wanted:
        """What the prompt cache's control plane wants. Raises RequestError, as the action says."""
        self.model()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()

        def answer(result: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, result)

        self._post(Control(action, answer))
        return cast("Wanted", await future)

    def occupy(self, seconds: float) -> None:
        """Block the engine thread. Only for tests of what happens then."""
        self._inbox.put(Occupy(seconds))

    def health(self) -> EngineHealth:
        """How it stands now; from any thread, never blocking."""
        status, error = self._judge()
        if self._is_draining and status in (HealthStatus.LOADING, HealthStatus.HEALTHY):
            status = HealthStatus.STOPPING
        return EngineHealth(
            status=status,
            progress=self._standing.progress,
            error=error,
            active=self._vitals.active,
            queued=self._vitals.queued + self._inbox.requests,
            heartbeat_age_s=self._heartbeat_age(),
            uptime_s=time.monotonic() - self._started_at,
            presence=self._standing.presence,
            memory=self._vitals.memory,
        )

    def _judge(self) -> tuple[HealthStatus, str | None]:
        """The status, and what there is to say of it. Whoever loads a model again shows no heartbeat."""
        standing, age = self._standing, self._heartbeat_age()
        is_silent = age > self._wedged_after_s and standing.presence is not Presence.RETURNING
        if standing.status is HealthStatus.HEALTHY and is_silent:
            limit = self._wedged_after_s
            return HealthStatus.WEDGED, f"The engine thread has made no step for {age:.0f} s (limit {limit:.0f} s)."
        return standing.status, None if standing.failure is None else str(standing.failure)

    def _heartbeat_age(self) -> float:
        return time.monotonic() - self._vitals.heartbeat

    def metrics(self) -> EngineMetrics:
        """What it has done and holds; from any thread, never blocking."""
        meter, stats = self._vitals.meter, self._vitals.stats
        outcomes = meter.outcomes() | {Outcome.REFUSED: self._refused}
        return EngineMetrics(
            health=self.health(),
            model=self._standing.model,
            provider=stats,
            generated_tokens=meter.generated,
            embedded_tokens=meter.embedded,
            outcomes=tuple(outcomes.items()),
            steps=meter.steps(),
            rates=meter.rates(time.monotonic(), stats.prefilled_tokens),
            ledger=self._count_bytes(stats),
            prompts=meter.prompts(),
            last_failure=self._find_last_failure(),
        )

    def _find_last_failure(self) -> FailureNote | None:
        notes = [note for note in (self._vitals.meter.last_failure, self._refusal) if note is not None]
        return max(notes, key=lambda note: note.at, default=None)

    def _count_bytes(self, stats: ProviderStats) -> ByteLedger:
        standing, store = self._standing, self._standing.store
        info = standing.model.info if standing.model is not None and standing.presence is Presence.LOADED else None
        return ByteLedger(
            weights=info.weights_bytes if info is not None else 0,
            kv=info.kv_bytes if info is not None else 0,
            prefixes=stats.held_bytes,
            prefix_budget=self._terms.cache_bytes,
            parked=stats.parked_bytes,
            disk=store.bytes if store is not None else 0,
            disk_budget=store.budget_bytes if store is not None else 0,
        )

    def _post(self, command: Command) -> None:
        """Raises Unavailable when the engine failed just now: perhaps too late for its last look into the inbox."""
        self._inbox.put(command)
        if self._standing.failure is not None:
            raise Unavailable(str(self._standing.failure))

    def _check_room(self) -> None:
        self.model()
        waiting, memory = self._inbox.requests + self._vitals.queued, self._vitals.memory
        if waiting >= self._max_queue:
            raise self._refuse(f"{waiting} were waiting already.", f"{waiting} requests are waiting already.")
        if memory.pressure is MemoryPressure.REFUSING:
            raise self._refuse(f"memory is short. {memory.told}", f"Memory is short on this machine: {memory.told}")

    def _refuse(self, note: str, told: str) -> Overloaded:
        self._refused += 1
        self._refusal = FailureNote(time.time(), f"A request was refused: {note}")
        return Overloaded(f"{told} Try again later.")


def _settle(future: asyncio.Future[object], result: object) -> None:
    if future.done():  # whoever asked has gone
        return
    if isinstance(result, RequestError):
        future.set_exception(result)
    else:
        future.set_result(result)


def _find_deadline(timeout_s: float | None) -> float | None:
    return None if timeout_s is None else time.monotonic() + timeout_s
