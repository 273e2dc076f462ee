"""The menu in every state, as a person reads it: [x] can be clicked, [ ] can't, * is the default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import ModelRef
from tray.menu import MAX_LABEL, SEPARATOR, build_menu
from tray.state import AppState, EndpointState, Failure

BASE = AppState(ref=ModelRef("gguf", "/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
SERVED = "SmolLM2-135M-Instruct.Q4_1 · llama.cpp"


def draw(state: AppState) -> list[str]:
    """The menu as text; separators are left out."""
    return [
        f"[{'x' if item.is_enabled else ' '}]{'*' if item.is_default else ' '}{item.label}"
        for item in build_menu(state)
        if item != SEPARATOR
    ]


def keys(start: str, stop: str, restart: str, default: str) -> list[str]:
    star = {name: "*" if name == default else " " for name in ("start", "copy")}
    return [
        f"[{start}]{star['start']}Start",
        f"[{stop}] Stop",
        f"[{restart}] Restart",
        f"[x]{star['copy']}Copy base URL",
        "[x] Open log",
        "[x] Quit",
    ]


CRASH = Failure("The endpoint was ended by SIGSEGV.")
GOLDEN = {
    "stopped": (
        BASE,
        [f"[ ] ○ Stopped · {SERVED}", *keys("x", " ", " ", "start")],
    ),
    "loading": (
        replace(BASE, endpoint=EndpointState.LOADING, progress=0.47),
        [f"[ ] ◔ Loading 40% · {SERVED}", *keys(" ", "x", "x", "copy")],
    ),
    "ready": (
        replace(BASE, endpoint=EndpointState.READY, model="SmolLM2"),
        ["[ ] ● Ready · SmolLM2 · llama.cpp · localhost:8001/v1", *keys(" ", "x", "x", "copy")],
    ),
    "busy": (
        replace(BASE, endpoint=EndpointState.BUSY, model="SmolLM2", active=2, queued=1),
        ["[ ] ◉ Busy (2 running, 1 queued) · SmolLM2 · llama.cpp · localhost:8001/v1", *keys(" ", "x", "x", "copy")],
    ),
    "stopping": (
        replace(BASE, endpoint=EndpointState.STOPPING),
        [f"[ ] ◌ Stopping · {SERVED}", *keys(" ", " ", " ", "")],
    ),
    "failed": (
        replace(BASE, endpoint=EndpointState.FAILED, failure=Failure("Port 8001 is in use.", "Use --port 8002.")),
        ["[ ] ✕ Failed · Port 8001 is in use.", "[ ] Use --port 8002.", *keys("x", " ", " ", "start")],
    ),
    "crashed, to be started again": (
        replace(BASE, endpoint=EndpointState.FAILED, failure=CRASH, retry_in_s=5.0),
        ["[ ] ✕ Starting again in 5 s · The endpoint was ended by SIGSEGV.", *keys("x", "x", " ", "start")],
    ),
    "wedged": (
        replace(BASE, endpoint=EndpointState.WEDGED, failure=Failure("The endpoint hangs: no step for 31 s")),
        ["[ ] ⚠ Wedged · The endpoint hangs: no step for 31 s", *keys(" ", "x", "x", "")],
    ),
    "with a notice": (
        replace(BASE, notice="Copied http://127.0.0.1:8001/v1"),
        [f"[ ] ○ Stopped · {SERVED}", "[ ] Copied http://127.0.0.1:8001/v1", *keys("x", " ", " ", "start")],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_menu_reads_as_drawn(name: str) -> None:
    state, expected = GOLDEN[name]
    assert draw(state) == expected


def test_every_state_is_among_the_drawings() -> None:
    assert {state.endpoint for state, _ in GOLDEN.values()} == set(EndpointState)


def test_a_long_reason_is_cut_and_kept_on_one_line() -> None:
    state = replace(BASE, endpoint=EndpointState.FAILED, failure=Failure("one\ntwo " + "x" * 500))
    label = build_menu(state)[0].label
    assert label.startswith("✕ Failed · one two x")
    assert len(label) == MAX_LABEL
    assert label.endswith("…")


def test_small_progress_does_not_change_the_menu() -> None:
    loading = replace(BASE, endpoint=EndpointState.LOADING, progress=0.41)
    assert build_menu(loading) == build_menu(replace(loading, progress=0.49))
