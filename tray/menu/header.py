"""The menu's first lines: the state, the reason when it isn't what it should be, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from endpoint.contract import ExitCode
from tray.actions import Change
from tray.menu.items import Item, inform, shorten
from tray.state import AppState, EndpointState

MARKS = {
    EndpointState.STOPPED: "○",
    EndpointState.LOADING: "◔",
    EndpointState.READY: "●",
    EndpointState.BUSY: "◉",
    EndpointState.STOPPING: "◌",
    EndpointState.FAILED: "✕",
    EndpointState.WEDGED: "⚠",
}
"""State by shape: a menu has no colour to say it with."""

ADVICE: Mapping[int, str] = {
    ExitCode.MODEL: "Choose another one under Model, or see Settings > Open logs.",
    ExitCode.PROVIDER: "Choose another one under Provider, or ask `traypoint doctor`.",
    ExitCode.USAGE: "Put it right in Settings > Open settings file.",
    ExitCode.SETTINGS: "Put it right in Settings > Open settings file.",
    ExitCode.BIND: "Take another address or port: Settings > Open settings file.",
}
USUAL_ADVICE = "Start tries again; Settings > Open logs may tell more."
"""What to do next, where a failure doesn't say it itself."""


def header_items(state: AppState) -> tuple[Item, ...]:
    """The status, and for a port that is taken the way out."""
    lines = tuple(inform(line) for line in status_lines(state))
    free = state.failure.free_port if state.failure else None
    if free is None or state.endpoint is not EndpointState.FAILED:
        return lines
    return (*lines, Item(f"Use port {free}", Change((("endpoint.port", free),))))


def status_lines(state: AppState) -> tuple[str, ...]:
    """The status in one line; a second says what to do about a failure, a last one how the last click ended."""
    lines = [status_line(state)]
    advice = _find_advice(state)
    if advice:
        lines.append(advice)
    if state.notice:
        lines.append(state.notice)
    return tuple(shorten(line) for line in lines)


def _find_advice(state: AppState) -> str:
    """What to do next: the failure's own, else what goes with its kind. Empty while something follows by itself."""
    failure = state.failure
    if failure is None:
        return ""
    follows = state.endpoint is not EndpointState.FAILED or state.retry_in_s is not None
    return failure.advice or ("" if follows else ADVICE.get(failure.exit_code, USUAL_ADVICE))


def status_line(state: AppState) -> str:
    """The state in one line: `● Ready · SmolLM2-135M · llama.cpp · localhost:8001/v1`."""
    return shorten(f"{MARKS[state.endpoint]} {_describe(state)}")


def _describe(state: AppState) -> str:
    served = f"{state.model_name} · {state.provider_title}"
    match state.endpoint:
        case EndpointState.STOPPED:
            return f"Stopped · {served}"
        case EndpointState.LOADING:
            # In tens: each change is a redraw of a menu that may be open.
            share = "" if state.progress is None else f" {int(state.progress * 10) * 10}%"
            return f"Loading{share} · {served}"
        case EndpointState.READY:
            asleep = " (unloaded: the next request loads it)" if state.is_unloaded else ""
            return f"Ready{asleep} · {served} · {state.short_url}"
        case EndpointState.BUSY:
            return f"Busy ({_count(state)}) · {served} · {state.short_url}"
        case EndpointState.STOPPING:
            left = f" ({_count(state)})" if state.active + state.queued else ""
            return f"Stopping{left} · {served}"
    reason = state.failure.reason if state.failure else "no reason given"
    if state.retry_in_s is not None:
        return f"Starting again in {state.retry_in_s:.0f} s · {reason}"
    return f"{state.endpoint.capitalize()} · {reason}"


def _count(state: AppState) -> str:
    queued = f", {state.queued} queued" if state.queued else ""
    return f"{state.active} running{queued}"
