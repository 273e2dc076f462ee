"""A real uvicorn on a free port, in a thread, over a real engine and the fake provider: what route tests talk to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import uvicorn

from endpoint.app import create_app
from endpoint.contract import ModelRef
from endpoint.engine.engine import DEFAULT_CACHE_BYTES, Engine
from endpoint.engine.residence import OpenStore
from endpoint.providers import fake
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions, Progress
from endpoint.routes.services import LinkToApp
from endpoint.settings import Settings

DEADLINE_S = 20.0
FAKE = Settings(ref=ModelRef("fake", "echo"))


@dataclass(frozen=True)
class Served:
    """A running endpoint."""

    url: str
    port: int
    engine: Engine
    client: httpx.Client

    def chat(self, content: object = "hello", **fields: object) -> httpx.Response:
        body = {"messages": [{"role": "user", "content": content}], **fields}
        return self.client.post("/v1/chat/completions", json=body)

    def complete(self, prompt: object, **fields: object) -> httpx.Response:
        return self.client.post("/v1/completions", json={"prompt": prompt, **fields})


def wait_until(condition: Callable[[], bool], what: str) -> float:
    """Poll until `condition` holds; the seconds it took. Fails with `what` after the deadline."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > DEADLINE_S:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.002)
    return time.monotonic() - start


class QuickServer(uvicorn.Server):
    """Looks a hundred times a second whether it shall end, not ten times: hundreds of tests wait for that."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110  what it waits for is a flag, set on other threads
            await asyncio.sleep(0.01)


def load_fake(model: str = "echo", n_ctx: int | None = None, parallel: int = 8) -> Callable[[Progress], Provider]:
    """A loader for an engine."""
    return lambda progress: fake.load(model, LoadOptions(n_ctx=n_ctx, parallel=parallel), progress)


@contextlib.contextmanager
def serving(
    load: Callable[[Progress], Provider] | None = None,
    settings: Settings = FAKE,
    *,
    wait: bool = True,
    open_store: OpenStore | None = None,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    link: LinkToApp | None = None,
) -> Iterator[Served]:
    """Serve until the block ends; `wait`: enter it once the model has loaded."""
    changed = threading.Event()
    engine = Engine(
        load or load_fake(),
        max_queue=settings.max_queue,
        wedged_after_s=settings.wedged_after_s,
        open_store=open_store,
        cache_bytes=cache_bytes,
        unload_after_s=settings.idle_unload_s,
        on_change=changed.set,
    )
    engine.start()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(engine, settings, link=link)
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
    server = QuickServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        if wait:
            assert changed.wait(DEADLINE_S), "the model never loaded"
        url = f"http://127.0.0.1:{port}"
        # Reading the certificates of a system, for a connection without TLS, would take 50 ms.
        with httpx.Client(base_url=url, timeout=DEADLINE_S, verify=False) as client:
            yield Served(url, port, engine, client)
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
        listener.close()
        engine.stop(DEADLINE_S)


@contextlib.contextmanager
def serving_while_it_loads() -> Iterator[Served]:
    """Serve; the model won't have loaded before the block ends."""
    go_on = threading.Event()

    def load(progress: Progress) -> Provider:
        assert go_on.wait(3 * DEADLINE_S)
        return load_fake()(progress)

    with serving(load, wait=False) as served:
        try:
            yield served
        finally:
            go_on.set()
