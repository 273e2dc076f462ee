"""What is photographed of the menu: each state of the real app, and each submenu, as they come about in life."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.desktop.app import App, ask, chat, free_port
from tests.desktop.session import wait_until

SLOW = ("--provider", "fake", "--model", "echo,load_ms=60000")
LONG = {
    "messages": [{"role": "user", "content": "Count from one to a hundred, in words."}],
    "max_tokens": 1500,
    "logit_bias": {"2": -100},
}
QUESTION = "You are a helpful assistant who answers in one short sentence, without any introduction. " * 12
Prepare = Callable[[App, ExitStack], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. `colour`: of the icon's tile then; `path`: the submenus to open, by their labels' beginnings."""

    name: str
    colour: str
    prepare: Prepare
    arguments: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


def _wait_ready(app: App, _: ExitStack) -> None:
    app.menu.wait_for_status("● Ready")


def _nothing(app: App, _: ExitStack) -> None:
    app.menu.lines()


def _after_some_work(app: App, stack: ExitStack) -> None:
    """Figures that mean something: two conversations that begin alike, one that doesn't, and a named prefix."""
    _wait_ready(app, stack)
    for text in ("What is gravity?", "Why is the sky blue?"):
        chat(app.port, f"{QUESTION}{text}", 24)
    chat(app.port, f"Today is Monday. {QUESTION}What is a tide?", 24)
    prefix = {"key": "agent", "system_prompt": QUESTION, "ttl_s": 900}
    ask(app.port, "POST", "/acore/prompt_cache/update", prefix)
    app.menu.find("Prompt cache", "Hit rate")
    app.menu.find("Prompt cache", "Named keys")


def _busy(app: App, stack: ExitStack) -> None:
    _wait_ready(app, stack)
    threading.Thread(target=_ask_at_length, args=(app.port,), daemon=True).start()
    app.menu.wait_for_status("◉ Busy")


def _draining(app: App, stack: ExitStack) -> None:
    _busy(app, stack)
    app.menu.click("Context length", "4k tokens")
    app.menu.wait_for_status("◌ Stopping (1 running)")


def _busy_port(app: App, stack: ExitStack) -> None:
    held = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    app.menu.wait_for_status("○ Stopped")
    ask_for_port(app, held.getsockname()[1])
    app.menu.click("Start")
    app.menu.wait_for_status("✕ Failed")


def ask_for_port(app: App, port: int) -> None:
    """As a person would who edits the settings."""
    app.run("config", "set", "port", str(port))
    wait_until(lambda: app.status()["port"] == port, "the port in the app")


def _crashed(app: App, stack: ExitStack) -> None:
    """Crashed three times in a row: the next start is five seconds away, long enough for a picture."""
    for wait in ("1 s", "2 s", "5 s"):
        _wait_ready(app, stack)
        app.child().kill()
        app.menu.wait_for_status(f"✕ Starting again in {wait}")


def _wedged(app: App, stack: ExitStack) -> None:
    """The engine's thread sleeps; after thirty seconds /health says so."""
    _wait_ready(app, stack)
    ask(app.port, "POST", "/test/wedge", {"seconds": 120})
    wait_until(lambda: app.menu.status().startswith("⚠ Wedged"), "a wedged endpoint", 60.0)


def _ask_at_length(port: int) -> None:
    try:
        ask(port, "POST", "/v1/chat/completions", LONG)
    except OSError as error:  # the picture is taken, and the endpoint ended, before the answer is
        print(f"cut off: {error}")


def _downloading(app: App, stack: ExitStack) -> None:
    """From the stand-in for the hub, slowly."""
    _wait_ready(app, stack)
    app.menu.click("Download for this machine", "Tiny")
    wait_until(lambda: any("left" in line.label for line in app.menu.lines()), "a download with its time")


GREY, BLUE, GREEN, TEAL, RED, AMBER = "#6b7280", "#2563eb", "#15803d", "#0e7490", "#b91c1c", "#b45309"
"""As in assets/render.py."""

STATES = (
    Scene("stopped", GREY, _nothing, ("--no-start",)),
    Scene("loading", BLUE, _nothing, SLOW),
    Scene("ready", GREEN, _after_some_work),
    Scene("busy", TEAL, _busy),
    Scene("stopping", GREY, _draining),
    Scene("failed", RED, _busy_port, ("--no-start",)),
    Scene("crashed", RED, _crashed, ("--provider", "fake", "--model", "echo")),
    Scene("wedged", AMBER, _wedged),
    Scene("downloading", GREEN, _downloading, path=("Download: ",)),
)
SUBMENUS = tuple(
    Scene(name, GREEN, _after_some_work, path=path)
    for name, path in {
        "set-ups": ("Copy client set-up",),
        "provider": ("Provider",),
        "model": ("Model",),
        "models-of-a-place": ("Model", "Traypoint's own folder"),
        "context": ("Context length",),
        "tuning": ("Settings of this model",),
        "idle": ("Idle unload",),
        "health": ("Health",),
        "prompt-cache": ("Prompt cache",),
        "named-keys": ("Prompt cache", "Named keys"),
        "clear": ("Prompt cache", "Clear"),
        "offers": ("Download for this machine",),
        "settings": ("Settings",),
        "about": ("About",),
    }.items()
)


@contextmanager
def prepared(scene: Scene, app: App) -> Iterator[None]:
    """The app in the scene's state, until the picture is taken."""
    with ExitStack() as stack:
        scene.prepare(app, stack)
        yield


def list_arguments(scene: Scene) -> tuple[str, ...]:
    """The app's flags: the well-known port where the picture shows a base URL."""
    is_free = scene.name in ("failed", "crashed", "wedged")
    return ("--port", str(free_port()) if is_free else "8001", *scene.arguments)
