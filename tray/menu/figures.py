"""The submenus that tell how things stand: health and prompt cache. Pure."""

from __future__ import annotations

from tray.actions import Change, UserAction
from tray.figures import CacheFigures, HealthFigures, NamedKey
from tray.menu.items import SEPARATOR, Item, box, inform, submenu
from tray.state import SERVING, AppState
from tray.wording import (
    describe_cache,
    format_bytes,
    format_count,
    format_minutes,
    format_rate,
    format_seconds,
    format_tokens,
)

_PRESSURE = {
    "shedding": "Memory is short: cached prompts are let go",
    "refusing": "Memory is short: new requests are refused for now",
}


def health_menu(state: AppState) -> Item:
    """How the endpoint does."""
    figures = state.figures
    if figures is None or state.endpoint not in SERVING:
        return submenu("Health", inform("No figures: the endpoint is not up"))
    return submenu("Health", *(inform(line) for line in health_lines(state, figures)))


def health_lines(state: AppState, figures: HealthFigures) -> list[str]:
    """One fact a line."""
    memory = figures.memory
    failed = f" · {format_count(figures.failed)} failed" if figures.failed else ""
    lines = [
        f"Up for {format_minutes(figures.uptime_min)}",
        f"{format_count(figures.requests)} requests answered{failed}",
        f"{state.active} running · {state.queued} queued",
        f"Reading {format_rate(figures.prefill_rate)} tokens/s · writing {format_rate(figures.decode_rate)} tokens/s",
    ]
    if figures.n_ctx:
        lines.append(f"Context {format_tokens(figures.n_ctx)} tokens")
    lines.append(
        f"Memory: weights {format_bytes(memory.weights)} · KV {format_bytes(memory.kv)} · "
        f"cached {format_bytes(memory.prefixes)} of {format_bytes(memory.prefix_budget)}"
    )
    if figures.pressure in _PRESSURE:
        lines.append(_PRESSURE[figures.pressure])
    lines.append(f"Last error: {figures.last_error}" if figures.last_error else "No errors")
    return lines


def cache_menu(state: AppState) -> Item:
    """What the prompt cache spares, takes and keeps."""
    serves = state.endpoint in SERVING
    clear = Item("Everything, in memory and on disk", UserAction.CLEAR_CACHE, serves)
    persists = Change((("endpoint.cache_disk", 0 if state.saves_prompts else None),))
    return submenu(
        "Prompt cache",
        *_tell_reuse(state),
        *_tell_cache(state),
        SEPARATOR,
        Item("Clear…", None, serves, children=(clear,)),
        box("Persist to disk", persists, is_checked=state.saves_prompts),
    )


def _tell_reuse(state: AppState) -> list[Item]:
    if state.figures is None or state.endpoint not in SERVING:
        return [inform("No figures: the endpoint is not up")]
    reuse = state.figures.reuse
    if reuse.hit_rate is None:
        return [inform("No prompts yet")]
    spared = f"{format_count(reuse.cached_tokens)} tokens not computed again"
    took = f" · {format_seconds(reuse.saved_s)} saved" if reuse.saved_s >= 0.1 else ""
    return [inform(f"Hit rate {reuse.hit_rate:.0%}"), inform(f"{spared}{took}")]


def _tell_cache(state: AppState) -> list[Item]:
    cache = state.cache
    if cache is None or state.endpoint not in SERVING:
        return []
    lines = [inform(line) for line in describe_cache(cache)]
    miss = inform(f"Last miss: {cache.last_miss}" if cache.last_miss else "No misses remembered")
    return [*lines, _list_keys(cache), miss]


def _list_keys(cache: CacheFigures) -> Item:
    if not cache.keys:
        return inform("No named keys")
    return submenu(f"Named keys ({len(cache.keys)})", *(inform(_describe_key(key)) for key in cache.keys))


def _describe_key(key: NamedKey) -> str:
    kept = "kept" if key.expires_in_min is None else f"{format_minutes(key.expires_in_min)} left"
    return f"{key.name} · {format_bytes(key.size)} · {kept}"
