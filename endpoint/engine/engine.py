"""The engine as other threads see it: start, submit, health, stop. Everything else happens on its own thread.

One thread for loading, stepping and closing: neither llama.cpp's contexts nor MLX's arrays may cross threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import TypeVar, cast

from endpoint.cache.disk.store import DiskStore, Post
from endpoint.contract import HealthStatus
from endpoint.engine.commands import Cancel, Command, Control, Embed, EndEarly, FromDisk, Occupy, Stop, Submit
from endpoint.engine.control import Action
from endpoint.engine.embedding import EmbeddingRequest, EmbeddingTask, PendingEmbedding
from endpoint.engine.health import EngineHealth
from endpoint.engine.loop import EngineLoop, Vitals
from endpoint.engine.metrics import ByteLedger, EngineMetrics, FailureNote, Outcome
from endpoint.engine.model import LoadedModel, describe_model, describe_origin
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Stream
from endpoint.engine.tiers import PrefixTiers
from endpoint.errors import EndpointError, LoadError, NotReady, Overloaded, RequestError, Unavailable
from endpoint.providers.base import Provider, ProviderStats
from endpoint.providers.options import Progress

_LOGGER = logging.getLogger(__name__)
DEFAULT_CACHE_BYTES = 1 << 30
"""For held prefixes, where nobody says."""
SAVE_S = 1.5
"""How long a stopping engine writes prefixes that aren't on the disk yet."""
Wanted = TypeVar("Wanted")
OpenStore = Callable[[str, Mapping[str, str], Post], DiskStore]
"""With the provider's fingerprint, what made it in words, and where to report."""


class Engine:
    """Loads a provider through `load` on its thread, then serves it. `on_change` is called there when loading has ended
    and when the engine fails later. `wedged_after_s`: a silence longer than that means that the thread hangs.
    `cache_bytes` bounds what held prefixes take in RAM; `open_store` opens the place where they are saved."""

    def __init__(
        self,
        load: Callable[[Progress], Provider],
        *,
        max_queue: int = 256,
        wedged_after_s: float = 30.0,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        open_store: OpenStore | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._load = load
        self._max_queue = max_queue
        self._wedged_after_s = wedged_after_s
        self._cache_bytes = cache_bytes
        self._open_store = open_store
        self._store: DiskStore | None = None
        self._on_change = on_change
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self._vitals = Vitals()
        self._ids = itertools.count(1)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._status = HealthStatus.LOADING
        self._failure: Exception | None = None
        self._progress = 0.0
        self._model: LoadedModel | None = None
        self._started_at = time.monotonic()
        self._refused = 0  # counted by the submitting thread, which the meter is not for
        self._refusal: FailureNote | None = None  # the last one, noted there too

    def start(self) -> None:
        """Begin loading. Returns at once."""
        self._started_at = time.monotonic()
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the thread to end: every reader is told that the endpoint is stopping. Returns at once."""
        if self._status in (HealthStatus.LOADING, HealthStatus.HEALTHY):
            self._status = HealthStatus.STOPPING
        self._inbox.put(Stop())

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
        return self._failure

    @property
    def saves(self) -> bool:
        """Whether prefixes are saved on disk."""
        return self._open_store is not None and self._cache_bytes > 0

    def model(self) -> LoadedModel:
        """The loaded model. Raises NotReady while loading; Unavailable when failed, wedged or stopping."""
        health = self.health()
        match health.status:
            case HealthStatus.LOADING:
                raise NotReady(f"The model is loading ({health.progress:.0%}). Try again soon; GET /health tells.")
            case HealthStatus.HEALTHY if self._model is not None:
                return self._model
        raise Unavailable(health.error or f"The endpoint is {health.status.value}.")

    def submit(self, request: GenerationRequest) -> Stream:
        """Queue a generation, from a running event loop. Raises NotReady, Unavailable, Overloaded."""
        self._check_room()
        job_id = next(self._ids)
        stream = Stream(
            asyncio.get_running_loop(),
            on_close=lambda: self._inbox.put(Cancel(job_id)),
            on_enough=lambda: self._inbox.put(EndEarly(job_id)),
        )
        self._inbox.put(Submit(job_id, request, stream, _find_deadline(request.timeout_s)))
        return stream

    def embed(self, request: EmbeddingRequest) -> PendingEmbedding:
        """Queue embeddings, from a running event loop. Raises NotReady, Unavailable, Overloaded."""
        self._check_room()
        task_id = next(self._ids)
        reader = PendingEmbedding(on_close=lambda: self._inbox.put(Cancel(task_id)))
        self._inbox.put(Embed(EmbeddingTask(task_id, request, reader), _find_deadline(request.timeout_s)))
        return reader

    async def control(self, action: Action[Wanted]) -> Wanted:
        """What the prompt cache's control plane wants. Raises RequestError, as the action says."""
        self.model()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()

        def answer(result: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, result)

        self._inbox.put(Control(action, answer))
        return cast("Wanted", await future)

    def occupy(self, seconds: float) -> None:
        """Block the engine thread. Only for tests of what happens then."""
        self._inbox.put(Occupy(seconds))

    def health(self) -> EngineHealth:
        """How it stands now; from any thread, never blocking."""
        age = time.monotonic() - self._vitals.heartbeat
        status, error = self._status, str(self._failure) if self._failure else None
        if status is HealthStatus.HEALTHY and age > self._wedged_after_s:
            status = HealthStatus.WEDGED
            error = f"The engine thread has made no step for {age:.0f} s (limit {self._wedged_after_s:.0f} s)."
        return EngineHealth(
            status=status,
            progress=self._progress,
            error=error,
            active=self._vitals.active,
            queued=self._vitals.queued + self._inbox.qsize(),
            heartbeat_age_s=age,
            uptime_s=time.monotonic() - self._started_at,
        )

    def metrics(self) -> EngineMetrics:
        """What it has done and holds; from any thread, never blocking."""
        meter, stats = self._vitals.meter, self._vitals.stats
        outcomes = meter.outcomes() | {Outcome.REFUSED: self._refused}
        return EngineMetrics(
            health=self.health(),
            model=self._model,
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
        info, store = self._model.info if self._model is not None else None, self._store
        return ByteLedger(
            weights=info.weights_bytes if info is not None else 0,
            kv=info.kv_bytes if info is not None else 0,
            prefixes=stats.held_bytes,
            prefix_budget=self._cache_bytes,
            parked=stats.parked_bytes,
            disk=store.bytes if store is not None else 0,
            disk_budget=store.budget_bytes if store is not None else 0,
        )

    def _check_room(self) -> None:
        self.model()
        waiting = self._inbox.qsize() + self._vitals.queued
        if waiting >= self._max_queue:
            self._refused += 1
            self._refusal = FailureNote(time.time(), f"A request was refused: {waiting} were waiting already.")
            raise Overloaded(f"{waiting} requests are waiting already. Try again later.")

    def _run(self) -> None:
        provider = self._load_provider()
        self._on_change()
        if provider is None:
            return
        tiers = self._open_tiers(provider)
        loop = EngineLoop(provider, self._inbox, self._vitals, tiers)
        try:
            loop.run()
        except Exception as error:  # whatever the provider raises: the health report must say it, the process lives on
            _LOGGER.exception("The engine failed")
            self._fail(error)
            loop.fail_all(Unavailable(f"The engine failed: {error}"))
            self._on_change()
            # It is broken already; but some libraries abort the exit unless closed.
            with contextlib.suppress(Exception):
                provider.close()
            return
        loop.fail_all(Unavailable("The endpoint is stopping."))
        if tiers.store is not None:
            loop.save_all(SAVE_S / 2)
            tiers.store.close(SAVE_S / 2)
        provider.close()

    def _open_tiers(self, provider: Provider) -> PrefixTiers:
        if self._open_store is not None and self._cache_bytes > 0:
            self._store = self._open_store(
                provider.fingerprint, describe_origin(provider), lambda event: self._inbox.put(FromDisk(event))
            )
        return PrefixTiers(provider, self._cache_bytes, self._store)

    def _load_provider(self) -> Provider | None:
        try:
            provider = self._load(self._report_progress)
        except EndpointError as error:
            self._fail(error)
            return None
        except Exception as error:  # a library's own failure must end as "failed" with a reason, not as a silent thread
            _LOGGER.exception("Loading failed")
            self._fail(LoadError(f"Loading failed: {error}"))
            return None
        self._model = describe_model(provider, int(time.time()))
        self._progress = 1.0
        self._vitals.heartbeat = time.monotonic()
        if self._status is HealthStatus.LOADING:
            self._status = HealthStatus.HEALTHY
        return provider

    def _report_progress(self, share: float) -> None:
        self._progress = share

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._status = HealthStatus.FAILED


def _settle(future: asyncio.Future[object], result: object) -> None:
    if future.done():  # whoever asked has gone
        return
    if isinstance(result, RequestError):
        future.set_exception(result)
    else:
        future.set_result(result)


def _find_deadline(timeout_s: float | None) -> float | None:
    return None if timeout_s is None else time.monotonic() + timeout_s
