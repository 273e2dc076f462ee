"""An engine over the fake provider, driven from a test's own event loop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from endpoint.engine.engine import Engine
from endpoint.engine.pressure import MemoryWatch
from endpoint.engine.request import GenerationRequest
from endpoint.engine.residence import OpenStore
from endpoint.engine.stream import Delta, Failure, Finish, Stream
from endpoint.providers import fake
from endpoint.providers.base import Provider, Sampling
from endpoint.providers.options import LoadOptions, Progress

DEADLINE_S = 20.0


@dataclass(frozen=True)
class Answer:
    """A stream read to its end."""

    text: str
    end: Finish | Failure


@contextlib.asynccontextmanager
async def running(
    model: str = "echo",
    *,
    parallel: int = 8,
    max_queue: int = 256,
    wedged_after_s: float = 30.0,
    cache_bytes: int = 1 << 30,
    load: Callable[[Progress], Provider] | None = None,
    open_store: OpenStore | None = None,
    unload_after_s: float = 0.0,
    watch: MemoryWatch | None = None,
) -> AsyncIterator[Engine]:
    """An engine that has settled: loaded, or failed."""
    settled = threading.Event()
    engine = Engine(
        load or (lambda progress: fake.load(model, LoadOptions(parallel=parallel), progress)),
        max_queue=max_queue,
        wedged_after_s=wedged_after_s,
        cache_bytes=cache_bytes,
        open_store=open_store,
        unload_after_s=unload_after_s,
        watch=watch,
        on_change=settled.set,
    )
    engine.start()
    assert settled.wait(DEADLINE_S)
    try:
        yield engine
    finally:
        assert engine.stop(DEADLINE_S)


def ask(engine: Engine, text: str, *, max_tokens: int = 1000, stop: tuple[str, ...] = ()) -> Stream:
    """Submit a prompt; the fake answers with the same text."""
    return engine.submit(GenerationRequest(tuple(text.encode()), max_tokens, Sampling(), stop))


async def read(stream: Stream) -> Answer:
    """Read a stream to its end."""
    text = ""
    while True:
        event = await stream.next(DEADLINE_S)
        assert event is not None, "nothing came"
        if not isinstance(event, Delta):
            return Answer(text, event)
        text += event.text
