"""The submenus in which something is chosen: provider, model, idle unloading. Pure."""

from __future__ import annotations

from itertools import groupby

from endpoint.contract import DEFAULT_MODEL, DEFAULT_PROVIDER, ModelRef, find_provider
from tray.actions import Change, UserAction
from tray.menu.items import SEPARATOR, Item, inform, radio, submenu
from tray.state import PROVIDER_TITLES, AppState
from tray.surroundings import ModelChoice, ProviderChoice
from tray.wording import format_minutes

IDLE_TIMES_S = (5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60)

MOST_MODELS = 25
"""Models of one place that are listed; more would not fit a screen, and `traypoint models` lists them all."""


def choose_model(ref: ModelRef) -> Change:
    """Another model, with its provider."""
    return Change((("endpoint.provider", ref.provider), ("endpoint.model", ref.model)))


def provider_menu(state: AppState) -> Item:
    """Which library runs the model. Another one brings the model along that was used with it last."""
    items = (_offer_provider(state, provider) for provider in state.around.providers)
    return submenu(f"Provider: {state.provider_title}", *items)


def model_menu(state: AppState) -> Item:
    """Recent models first, then what is installed, by place."""
    known = {choice.ref: choice for choice in state.around.models}
    recent = [known[ref] for ref in state.around.recent if ref in known]
    groups = [submenu(group, *_list(state, list(found))) for group, found in _by_group(state.around.models)]
    return submenu(
        f"Model: {state.model_name}",
        *(_offer_model(state, choice) for choice in recent),
        *((SEPARATOR,) if recent else ()),
        *(groups or (inform("No models found yet"),)),
        SEPARATOR,
        Item("Choose file or folder…", UserAction.CHOOSE_MODEL),
        Item("Look again", UserAction.LOOK_FOR_MODELS),
        Item("Open models folder", UserAction.OPEN_MODELS),
    )


def idle_menu(state: AppState) -> Item:
    """When an unused model leaves the memory."""
    times = sorted({0, *IDLE_TIMES_S, state.idle_unload_s})
    items = (
        radio(
            _name_time(seconds),
            Change((("endpoint.idle_unload", seconds or None),)),
            is_checked=state.idle_unload_s == seconds,
        )
        for seconds in times
    )
    return submenu(f"Idle unload: {_name_time(state.idle_unload_s).lower()}", *items)


def find_model_for(state: AppState, provider: str) -> ModelRef | None:
    """The model that goes with a provider: the one used last, else the first found; None where there is none."""
    fitting = [ref for ref in state.around.recent if _is_for(ref, provider)]
    found = [choice.ref for choice in state.around.models if _is_for(choice.ref, provider) and not choice.problem]
    starter = [ModelRef(DEFAULT_PROVIDER, DEFAULT_MODEL)] if provider == DEFAULT_PROVIDER else []
    return next(iter([*fitting, *starter, *found]), None)


def _offer_provider(state: AppState, provider: ProviderChoice) -> Item:
    title = PROVIDER_TITLES.get(provider.name, provider.name)
    if state.provider == provider.name:
        return radio(title, choose_model(state.ref), is_checked=True, problem=provider.problem)
    ref = find_model_for(state, provider.name)
    problem = provider.problem or ("" if ref else "no model found")
    return radio(title, choose_model(ref or ModelRef(provider.name)), is_checked=False, problem=problem)


def _list(state: AppState, choices: list[ModelChoice]) -> list[Item]:
    items = [_offer_model(state, choice) for choice in choices[:MOST_MODELS]]
    left = len(choices) - MOST_MODELS
    return [*items, inform(f"{left} more: traypoint models")] if left > 0 else items


def _offer_model(state: AppState, choice: ModelChoice) -> Item:
    is_served = choice.ref.model == state.ref.model and _is_for(choice.ref, state.provider)
    return radio(choice.label, choose_model(choice.ref), is_checked=is_served, problem=choice.problem)


def _is_for(ref: ModelRef, provider: str) -> bool:
    return (find_provider(ref.provider) or ref.provider) == provider


def _by_group(choices: tuple[ModelChoice, ...]) -> list[tuple[str, list[ModelChoice]]]:
    return [(group, list(found)) for group, found in groupby(choices, key=lambda choice: choice.group)]


def _name_time(seconds: int) -> str:
    if not seconds:
        return "Never"
    return f"After {format_minutes(round(seconds / 60))}" if seconds >= 60 else f"After {seconds} s"
