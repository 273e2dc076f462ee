"""The submenus about how the chosen model is run. What is chosen there is remembered for this model alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import PurePath

from endpoint.contract import KV_TYPES
from tray.actions import Change, UserAction
from tray.keys import SPECULATIONS
from tray.menu.items import SEPARATOR, Item, radio, submenu
from tray.models.model import MLX
from tray.options import Tuning
from tray.state import AppState
from tray.targets import name_own
from tray.wording import format_tokens

CONTEXTS = (2048, 4096, 8192, 16384, 32768, 65536, 131072)
"""Tokens. What fits the model and the memory is the endpoint's to say."""

PARALLEL = (1, 2, 4, 8, 16, 32)
THREADS = (1, 2, 4, 6, 8, 12, 16, 24, 32)
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 1.0, 1.2)
NO_LAYERS, ALL_LAYERS = 0, -1
AUTOMATIC, _THEIRS = "Automatic", "The model's own"


def context_menu(state: AppState) -> Item:
    """How long a conversation may be."""
    asked = state.tuning.ctx_size
    made_for = next((choice.n_ctx for choice in state.around.models if choice.ref == state.ref), None)
    offered = {size for size in CONTEXTS if made_for is None or size <= made_for}
    offered |= {size for size in (made_for, asked) if size}
    now = f" ({format_tokens(state.figures.n_ctx)})" if state.figures and state.figures.n_ctx else ""
    automatic = f"As memory allows{'' if asked else now}"
    title = format_tokens(asked) if asked else automatic
    return submenu(
        f"Context length: {title[0].lower()}{title[1:]}",
        _choice(state, "ctx_size", 0 if state.shared_tuning.ctx_size else None, automatic, is_checked=not asked),
        *(_choice(state, "ctx_size", size, f"{format_tokens(size)} tokens") for size in sorted(offered)),
    )


def tuning_menu(state: AppState) -> Item:
    """The rest of it; that in which MLX has no say is left out there."""
    of_llamacpp = () if state.provider == MLX else (_kv_menu(state), _threads_menu(state), _layers_menu(state))
    forget = Change(tuple((name_own(state.ref.model, field.name), None) for field in fields(Tuning)))
    return submenu(
        "Settings of this model",
        *of_llamacpp,
        _numbers_menu(state, "Requests at once", "parallel", PARALLEL),
        _speculation_menu(state),
        _temperature_menu(state),
        _template_menu(state),
        SEPARATOR,
        Item("More in the settings file", UserAction.OPEN_SETTINGS),
        Item("Forget this model's settings", forget, state.own_tuning != Tuning()),
    )


def _kv_menu(state: AppState) -> Item:
    asked = state.tuning.kv_type or KV_TYPES[0]
    items = (_choice(state, "kv_type", kind, kind, is_checked=kind == asked) for kind in KV_TYPES)
    return submenu(f"KV cache: {asked}", *items)


def _threads_menu(state: AppState) -> Item:
    most = state.around.cores or THREADS[-1]
    return _numbers_menu(state, "Threads", "threads", [count for count in THREADS if count <= most])


def _layers_menu(state: AppState) -> Item:
    asked = state.tuning.gpu_layers
    some = () if asked in (None, NO_LAYERS, ALL_LAYERS) else (_choice(state, "gpu_layers", asked, f"{asked} layers"),)
    is_all = asked in (None, ALL_LAYERS)
    title = "all, where there is a GPU" if is_all else "none" if asked == NO_LAYERS else f"{asked} layers"
    return submenu(
        f"On the GPU: {title}",
        _choice(state, "gpu_layers", ALL_LAYERS, "All, where there is a GPU", is_checked=is_all),
        *some,
        _choice(state, "gpu_layers", NO_LAYERS, "None"),
    )


def _speculation_menu(state: AppState) -> Item:
    asked = state.tuning.speculation or SPECULATIONS[0]
    titles = {"auto": "Where answers stay the same", "on": "Always", "off": "Never"}
    items = (_choice(state, "speculation", mode, titles[mode], is_checked=mode == asked) for mode in SPECULATIONS)
    return submenu(f"Compute ahead: {titles[asked].lower()}", *items)


def _temperature_menu(state: AppState) -> Item:
    """For requests that name none."""
    asked = state.tuning.temperature
    offered = sorted({*TEMPERATURES, *(() if asked is None else (asked,))})
    return submenu(
        f"Temperature: {_THEIRS.lower() if asked is None else f'{asked:g}'}",
        _unset(state, "temperature", _THEIRS),
        *(_choice(state, "temperature", each, f"{each:g}") for each in offered),
    )


def _template_menu(state: AppState) -> Item:
    asked = state.tuning.chat_template
    name = PurePath(asked).name if asked else ""
    return submenu(
        f"Chat template: {name or _THEIRS.lower()}",
        _unset(state, "chat_template", _THEIRS),
        *([_choice(state, "chat_template", asked, name)] if asked else []),
        Item("Choose file…", UserAction.CHOOSE_TEMPLATE),
    )


def _numbers_menu(state: AppState, title: str, name: str, offered: Sequence[int]) -> Item:
    asked: int | None = getattr(state.tuning, name)
    numbers = sorted({*offered, *([asked] if asked else [])})
    return submenu(
        f"{title}: {asked or AUTOMATIC.lower()}",
        _unset(state, name, AUTOMATIC),
        *(_choice(state, name, number, str(number)) for number in numbers),
    )


def _unset(state: AppState, name: str, label: str) -> Item:
    """No value for this model alone: then the one for all models is in force, where there is one."""
    shared: object = getattr(state.shared_tuning, name)
    told = label if shared is None else f"As for all models: {PurePath(str(shared)).name}"
    is_set = getattr(state.own_tuning, name) is None and getattr(state.tuning, name) == shared
    return _choice(state, name, None, told, is_checked=is_set)


def _choice(state: AppState, name: str, value: object, label: str, *, is_checked: bool | None = None) -> Item:
    """One value of a setting, for this model."""
    is_set = getattr(state.tuning, name) == value if is_checked is None else is_checked
    return radio(label, Change(((name_own(state.ref.model, name), value),)), is_checked=is_set)
