"""Runs app and engine together on a socket that is bound already, until asked to stop. Owns signals and the exit code.

Owner: the main thread with its event loop. The engine thread and the parent watch only post into that loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from endpoint.addresses import format_url
from endpoint.contract import ExitCode, HealthStatus
from endpoint.engine.engine import Engine
from endpoint.exits import exit_code_for
from endpoint.guards.traffic import Traffic
from endpoint.parent import ParentWatch, ParentWish
from endpoint.settings import Settings

_LOGGER = logging.getLogger(__name__)
GRACE_S = 3.0
"""How long running answers may go on after a polite stop; then the engine ends them, and each reader is told."""
ENGINE_STOP_S = 2.0
"""How long the engine thread may take to end, its step in progress included."""
IDLE_CONNECTION_S = 75
"""Longer than clients' connection pools keep theirs, so that none is closed under a request."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: they would end the process with the signal instead of exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class EndpointServer:
    """One run of the endpoint: `run()` returns the exit code."""

    def __init__(
        self,
        app: FastAPI,
        engine: Engine,
        settings: Settings,
        listener: socket.socket,
        parent: ParentWatch | None,
        traffic: Traffic,
    ) -> None:
        self._engine = engine
        self._traffic = traffic
        self._parent = parent
        self._settings = settings
        self._listener = listener
        self._url = format_url(settings.host, listener.getsockname()[1])
        self._exit_code = ExitCode.OK
        self._changed = asyncio.Event()
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=math.ceil(GRACE_S + ENGINE_STOP_S),
                timeout_keep_alive=IDLE_CONNECTION_S,
                lifespan="off",
            )
        )

    def engine_changed(self) -> None:
        """The engine has loaded or failed. From any thread, once `run` has begun."""
        self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> ExitCode:
        """Serve until a signal, the parent or a failed load ends it."""
        self._loop = asyncio.get_running_loop()
        self._listen_for_signals()
        if self._parent is not None:
            self._parent.attach(self._obey_parent)
        self._engine.start()
        watcher = asyncio.create_task(self._watch_engine())
        await self._server.serve(sockets=[self._listener])
        watcher.cancel()
        if not await asyncio.to_thread(self._engine.stop, ENGINE_STOP_S):
            _LOGGER.warning("The engine thread didn't end in time; leaving without it.")
            _leave(self._exit_code)
        return self._exit_code

    def _listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._loop.add_signal_handler(number, self._ask_to_stop)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self._ask_to_stop))

    def _ask_to_stop(self) -> None:
        if self._server.should_exit:  # asked twice: don't wait for running answers
            self._engine.request_stop()
        else:
            self._loop.call_later(GRACE_S, self._engine.request_stop)
        self._server.should_exit = True

    def _drain(self) -> None:
        """Take nothing new; stop once what was begun is done, which may take any time. Chores of the engine don't."""
        self._engine.drain()
        self._traffic.close(self._ask_to_stop)

    def _obey_parent(self, wish: ParentWish) -> None:
        """On the watching thread."""
        if wish is ParentWish.GONE:
            self._server.force_exit = True
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._drain if wish is ParentWish.DRAIN else self._ask_to_stop)

    async def _watch_engine(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._engine.health().status is HealthStatus.FAILED:
                await self._report_failure()
            else:
                self._announce()

    async def _report_failure(self) -> None:
        """Say why, stay a while so that /health can say it too, then end."""
        failure = self._engine.failure
        sys.stderr.write(f"traypoint-endpoint: error: {failure}\n")
        sys.stderr.flush()
        self._exit_code = exit_code_for(failure)
        await asyncio.sleep(self._settings.failed_linger_s)
        self._ask_to_stop()

    def _announce(self) -> None:
        info = self._engine.model().info
        sys.stdout.write(f"Ready: {self._url} (model {info.id}, context {info.n_ctx} tokens)\n")
        sys.stdout.flush()


def _leave(code: ExitCode) -> None:
    """End now: a thread inside the model library must not meet the library's own clean-up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
