"""The menu in every state, as a person reads it: [x] can be clicked, [ ] can't, * is the default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import ModelRef
from tray.menu import MAX_LABEL, SEPARATOR, build_menu, cache_lines, format_bytes
from tray.state import AppState, CacheFigures, EndpointState, Failure

BASE = AppState(ref=ModelRef("gguf", "/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
SERVED = "SmolLM2-135M-Instruct.Q4_1 · llama.cpp"


def draw(state: AppState) -> list[str]:
    """The menu as text; separators are left out."""
    return [
        f"[{'x' if item.is_enabled else ' '}]{'*' if item.is_default else ' '}{item.label}"
        for item in build_menu(state)
        if item != SEPARATOR
    ]


def keys(start: str, stop: str, restart: str, default: str, *cache: str) -> list[str]:
    """`cache`: the lines on the prompt cache, where it can be cleared."""
    star = {name: "*" if name == default else " " for name in ("start", "copy")}
    return [
        f"[{start}]{star['start']}Start",
        f"[{stop}] Stop",
        f"[{restart}] Restart",
        f"[x]{star['copy']}Copy base URL",
        "[x] Open log",
        *(cache or ["[ ] Clear prompt cache"]),
        "[x] Quit",
    ]


CLEAR = "[x] Clear prompt cache"
CACHE = CacheFigures(ram=34_200_000, ram_budget=2_147_483_648, disk=1_204_000_000, disk_budget=10_000_000_000)
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
        ["[ ] ● Ready · SmolLM2 · llama.cpp · localhost:8001/v1", *keys(" ", "x", "x", "copy", CLEAR)],
    ),
    "busy": (
        replace(BASE, endpoint=EndpointState.BUSY, model="SmolLM2", active=2, queued=1),
        [
            "[ ] ◉ Busy (2 running, 1 queued) · SmolLM2 · llama.cpp · localhost:8001/v1",
            *keys(" ", "x", "x", "copy", CLEAR),
        ],
    ),
    "ready, with a prompt cache": (
        replace(BASE, endpoint=EndpointState.READY, model="SmolLM2", cache=CACHE),
        [
            "[ ] ● Ready · SmolLM2 · llama.cpp · localhost:8001/v1",
            *keys(
                " ", "x", "x", "copy", "[ ] Prompt cache · 34 MB of 2.1 GB in memory · 1.2 GB of 10 GB on disk", CLEAR
            ),
        ],
    ),
    "stopping": (
        replace(BASE, endpoint=EndpointState.STOPPING, cache=CACHE),
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


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        (CacheFigures(ram=0), "Prompt cache · 0 MB in memory"),
        (CacheFigures(ram=5_000_000, disk=0, disk_budget=0), "Prompt cache · 5.0 MB in memory"),
        (CacheFigures(disk=7_000_000), "Prompt cache · 7.0 MB on disk"),
    ],
)
def test_of_the_cache_only_what_is_known_and_used_is_told(figures: CacheFigures, line: str) -> None:
    assert cache_lines(replace(BASE, endpoint=EndpointState.READY, cache=figures)) == (line,)


def test_a_cache_of_which_nothing_is_known_has_no_line() -> None:
    assert cache_lines(replace(BASE, endpoint=EndpointState.READY, cache=CacheFigures())) == ()


@pytest.mark.parametrize(
    ("size", "told"),
    [(1, "< 1 MB"), (1_000_000, "1.0 MB"), (9_960_000, "10 MB"), (994_000_000, "990 MB"), (999_000_000, "1.0 GB")],
)
def test_sizes_have_two_digits(size: int, told: str) -> None:
    assert format_bytes(size) == told
