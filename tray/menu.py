"""The menu as data: build_menu(AppState) -> items. Pure, and knows no toolkit; tray/shell.py draws it."""

from __future__ import annotations

from dataclasses import dataclass

from tray.actions import UserAction
from tray.state import SERVING, AppState, CacheFigures, EndpointState

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

MAX_LABEL = 110
"""Characters. Longer labels make menus wider than small screens; the log has the whole text."""

UP = frozenset({EndpointState.LOADING, *SERVING})
DOWN = frozenset({EndpointState.STOPPED, EndpointState.FAILED})


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu. Without an action it only informs. `is_default`: what a plain click on the icon does,
    where the platform tells it from opening the menu.
    """

    label: str
    action: UserAction | None = None
    is_enabled: bool = True
    is_default: bool = False


SEPARATOR = Item("-", None, is_enabled=False)


def build_menu(state: AppState) -> tuple[Item, ...]:
    """Every line of the menu in this state, top to bottom."""
    up = state.endpoint in UP
    waiting = state.retry_in_s is not None
    wedged = state.endpoint is EndpointState.WEDGED
    can_start = state.endpoint in DOWN
    return (
        *(_inform(line) for line in status_lines(state)),
        SEPARATOR,
        Item("Start", UserAction.START, can_start, is_default=can_start),
        Item("Stop", UserAction.STOP, up or waiting or wedged),
        Item("Restart", UserAction.RESTART, up or wedged),
        SEPARATOR,
        Item("Copy base URL", UserAction.COPY_URL, is_default=up),
        Item("Open log", UserAction.OPEN_LOG),
        SEPARATOR,
        *(_inform(line) for line in cache_lines(state)),
        Item("Clear prompt cache", UserAction.CLEAR_CACHE, state.endpoint in SERVING),
        SEPARATOR,
        Item("Quit", UserAction.QUIT),
    )


def status_lines(state: AppState) -> tuple[str, ...]:
    """The status in one line; a second says what to do about a failure, a last one how the last click ended."""
    lines = [f"{MARKS[state.endpoint]} {_describe(state)}"]
    if state.failure and state.failure.advice:
        lines.append(state.failure.advice)
    if state.notice:
        lines.append(state.notice)
    return tuple(_shorten(line) for line in lines)


def cache_lines(state: AppState) -> tuple[str, ...]:
    """What the prompt cache takes, in one line; none while nothing is known of it."""
    if state.cache is None or state.endpoint not in SERVING:
        return ()
    told = describe_cache(state.cache)
    return (" · ".join(["Prompt cache", *told]),) if told else ()


def describe_cache(cache: CacheFigures) -> tuple[str, ...]:
    """What it takes in each place where it may take something."""
    places = (("in memory", cache.ram, cache.ram_budget), ("on disk", cache.disk, cache.disk_budget))
    return tuple(_fill(size, budget, place) for place, size, budget in places if size is not None and budget != 0)


def _fill(size: int, budget: int | None, place: str) -> str:
    return (
        f"{format_bytes(size)} {place}" if budget is None else f"{format_bytes(size)} of {format_bytes(budget)} {place}"
    )


def format_bytes(size: int) -> str:
    """Two digits and a unit, decimal as disks count: each change of a label is a redraw of a menu that may be open."""
    if size < 1_000_000:
        return "0 MB" if size == 0 else "< 1 MB"
    unit, name = (1e9, "GB") if size >= 995_000_000 else (1e6, "MB")
    value = float(f"{size / unit:.2g}")
    return f"{value:.0f} {name}" if value >= 10 else f"{value:.1f} {name}"


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
            return f"Ready · {served} · {state.short_url}"
        case EndpointState.BUSY:
            return f"Busy ({_count(state)}) · {served} · {state.short_url}"
        case EndpointState.STOPPING:
            return f"Stopping · {served}"
    reason = state.failure.reason if state.failure else "no reason given"
    if state.retry_in_s is not None:
        return f"Starting again in {state.retry_in_s:.0f} s · {reason}"
    return f"{state.endpoint.capitalize()} · {reason}"


def _count(state: AppState) -> str:
    queued = f", {state.queued} queued" if state.queued else ""
    return f"{state.active} running{queued}"


def _inform(line: str) -> Item:
    return Item(line, None, is_enabled=False)


def _shorten(line: str) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= MAX_LABEL else flat[: MAX_LABEL - 1].rstrip() + "…"
