"""`traypoint-endpoint`: check, bind, report the port, then load and serve."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import platformdirs

from endpoint.addresses import BindError, bind, format_url, is_loopback
from endpoint.apikey import obtain_key
from endpoint.app_link import AppLink
from endpoint.arguments import parse_settings
from endpoint.cache.budget import choose_budget
from endpoint.cache.disk.folder import open_folder
from endpoint.cache.disk.room import find_disk_budget
from endpoint.cache.disk.store import DiskBudget
from endpoint.contract import API_KEY_NOTE, APP_NAME, ExitCode, format_bind_failed, format_listening
from endpoint.errors import EndpointError
from endpoint.exits import exit_code_for
from endpoint.loading import ModelLoader
from endpoint.openmp import calm_threads
from endpoint.parent import ParentWatch
from endpoint.providers.machine import available_memory, total_memory
from endpoint.providers.registry import check_model
from endpoint.settings import Settings

if TYPE_CHECKING:
    from endpoint.engine.residence import OpenStore


def main() -> None:
    """The console script. Whoever is asked to stop before the server listens for that stops at once, in order too."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(ExitCode.OK))
    sys.exit(run(sys.argv[1:], os.environ))


def run(argv: Sequence[str], environment: Mapping[str, str]) -> ExitCode:
    """Serve until stopped; every failure is one line on standard error and an exit code."""
    try:
        settings = parse_settings(argv, environment)
        _start_logging(settings)
        check_model(settings.ref)
        settings = _with_template(settings)
        calm_threads(os.environ)
        return _serve(settings, environment)
    except EndpointError as error:
        print(f"traypoint-endpoint: error: {error}", file=sys.stderr, flush=True)
        return exit_code_for(error)


def _start_logging(settings: Settings) -> None:
    """A parent keeps all in a file; on a terminal only what needs a person's eye is worth a line."""
    logging.basicConfig(
        level=logging.INFO if settings.managed else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def _with_template(settings: Settings) -> Settings:
    """With the chat template that replaces the model's own, if there is to be one. Raises LoadError."""
    if settings.chat_template is None:
        return settings
    from endpoint.text.template_file import read_template  # brings Jinja, which the parent needn't wait for otherwise

    return replace(settings, load=replace(settings.load, chat_template=read_template(settings.chat_template)))


def _serve(settings: Settings, environment: Mapping[str, str]) -> ExitCode:
    listener = _bind(settings)
    settings = _with_key(settings, environment)
    link = AppLink(sys.stdout) if settings.managed else None
    parent = _watch_parent(link)
    _report_port(sys.stdout, settings, listener.getsockname()[1])
    # Imported after the port is reported: FastAPI takes half a second, and the parent waits for the line above.
    from endpoint.app import create_app
    from endpoint.engine.engine import Engine
    from endpoint.engine.pressure import MemoryWatch, choose_reserve
    from endpoint.guards.traffic import Traffic
    from endpoint.server import EndpointServer

    cache_bytes = _cache_bytes(settings)
    engine = Engine(
        ModelLoader(settings.ref, replace(settings.load, cache_bytes=cache_bytes)),
        max_queue=settings.max_queue,
        wedged_after_s=settings.wedged_after_s,
        cache_bytes=cache_bytes,
        open_store=_choose_store(settings),
        unload_after_s=settings.idle_unload_s,
        watch=MemoryWatch(available_memory, choose_reserve(total_memory())),
        on_change=lambda: server.engine_changed(),  # noqa: PLW0108 -- `server` comes into being some lines below
    )
    traffic = Traffic()
    app = create_app(engine, settings, traffic, link)
    server = EndpointServer(app, engine, settings, listener, parent, traffic)
    gc.freeze()  # what is loaded by now lives as long as the process: no need to walk it in every collection
    return asyncio.run(server.run())


def _cache_bytes(settings: Settings) -> int:
    if settings.cache_ram_bytes is not None:
        return settings.cache_ram_bytes
    return choose_budget(available_memory())


def _choose_store(settings: Settings) -> OpenStore | None:
    """Where prefixes are saved, unless that is switched off."""
    size = settings.cache_disk_bytes
    if size == 0:
        return None
    root = settings.cache_dir or Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)) / "prefixes"
    budget = DiskBudget(find_disk_budget(root) if size is None else size)
    return partial(open_folder, root, budget)


def _watch_parent(link: AppLink | None) -> ParentWatch | None:
    if link is None:
        return None
    watch = ParentWatch(link.hear)
    watch.start()
    return watch


def _bind(settings: Settings) -> socket.socket:
    """The listening socket. A parent is told of a problem on standard output too, where it waits for the port."""
    try:
        return bind(settings.host, settings.port)
    except BindError as error:
        if settings.managed:
            print(format_bind_failed(error.problem.errno, error.problem.text), flush=True)
        raise


def _with_key(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """A wide bind needs a key: take the stored one, or make one and print it, this once."""
    if is_loopback(settings.host) and not settings.require_key:
        if settings.api_key:
            print(
                f"Note: {settings.host} is only reached from this machine, whose callers need no key; "
                "add --require-key to ask them too.",
                file=sys.stderr,
            )
        return settings
    key = obtain_key(settings.api_key, environment)
    if key.created:
        print(f"{API_KEY_NOTE}{key.value} (kept in {key.path})", file=sys.stderr, flush=True)
    elif key.path:
        print(f"Callers from other machines need the API key in {key.path}", file=sys.stderr, flush=True)
    return replace(settings, api_key=key.value)


def _report_port(out: TextIO, settings: Settings, port: int) -> None:
    if settings.managed:
        print(format_listening(port), file=out, flush=True)
    else:
        print(f"Listening: {format_url(settings.host, port)} (loading {settings.ref.model})", file=out, flush=True)


if __name__ == "__main__":
    main()
