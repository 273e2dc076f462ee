"""Many states shown by the real icon: `python soak.py N` prints `before BYTES`, `after BYTES`, `done`, and waits.

Each state is drawn before the next one comes: of several at once only the last would be. It stays until it is ended.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

import psutil

from endpoint.contract import ModelRef
from tests.tray.menu.states import READY
from tray.looking import look_around
from tray.paths import find_paths
from tray.screen import Backend, find_backend
from tray.shell import TrayShell, load_toolkit
from tray.state import AppState, EndpointState
from tray.surroundings import ModelChoice
from tray.toolkit import Toolkit

PATIENCE_S = 60.0
WARM = 500
"""Updates before the first look at the memory: caches of fonts and of D-Bus fill up."""


def make_state(number: int) -> AppState:
    """Another one for each number: figures always, icon and number of lines now and then."""
    assert READY.figures
    busy = number % 10 < 3
    figures = replace(READY.figures, requests=number, decode_rate=10 + number % 90, uptime_min=number // 60)
    extra = ModelChoice(ModelRef("llamacpp", f"/m/{number}.gguf"), "LM Studio", f"model {number}")
    models = (*READY.around.models, extra) if number % 100 < 50 else READY.around.models
    return replace(
        READY,
        endpoint=EndpointState.BUSY if busy else EndpointState.READY,
        active=number % 10 if busy else 0,
        figures=figures,
        notice=f"Copied {number}" if number % 7 == 0 else "",
        around=replace(READY.around, models=models),
    )


def show_all(shell: TrayShell, count: int) -> None:
    """Show them one after the other, and say what memory is taken."""
    drawn = threading.Event()
    for number in range(count):
        if number == WARM:
            tell("before")
        drawn.clear()
        shell.show(make_state(number))
        shell._on_main_thread(drawn.set)  # behind the drawing
        assert drawn.wait(PATIENCE_S)
    tell("after")
    print("done", flush=True)


def tell(when: str) -> None:
    """Resident bytes of this process, which is the tray's."""
    print(when, psutil.Process().memory_info().rss, flush=True)


def main() -> None:
    """Show the icon until ended."""
    look_around(find_paths())  # what the app has loaded by then
    backend = find_backend()
    assert isinstance(backend, Backend)
    toolkit = load_toolkit(backend)
    assert not hasattr(toolkit, "reason")
    shell = TrayShell(_as_toolkit(toolkit), backend, lambda _: None, READY)
    worker = threading.Thread(target=show_all, args=(shell, int(sys.argv[1])), daemon=True)
    shell.run(worker.start, lambda: None)


def _as_toolkit(loaded: object) -> Toolkit:
    toolkit: Toolkit = loaded  # type: ignore[assignment]  # checked by the caller not to be a reason why there is none
    return toolkit


if __name__ == "__main__":
    main()
