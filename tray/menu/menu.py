"""build_menu(AppState) -> items: the whole menu, top to bottom. Pure."""

from __future__ import annotations

from tray.actions import UserAction
from tray.menu.choices import idle_menu, model_menu, provider_menu
from tray.menu.downloads import download_items, offer_menu
from tray.menu.figures import cache_menu, health_menu
from tray.menu.header import header_items
from tray.menu.items import SEPARATOR, Item
from tray.menu.settings import about_menu, settings_menu, setup_menu
from tray.menu.tuning import context_menu, tuning_menu
from tray.state import SERVING, AppState, EndpointState

UP = frozenset({EndpointState.LOADING, *SERVING})
DOWN = frozenset({EndpointState.STOPPED, EndpointState.FAILED})


def build_menu(state: AppState) -> tuple[Item, ...]:
    """Every line of the menu in this state."""
    return (
        *header_items(state),
        SEPARATOR,
        *_life_items(state),
        SEPARATOR,
        Item("Copy base URL", UserAction.COPY_URL, is_default=state.endpoint in UP),
        setup_menu(state),
        Item("Open status page", UserAction.OPEN_PAGE, state.endpoint in UP),
        SEPARATOR,
        provider_menu(state),
        model_menu(state),
        *download_items(state),
        offer_menu(state),
        context_menu(state),
        tuning_menu(state),
        idle_menu(state),
        SEPARATOR,
        health_menu(state),
        cache_menu(state),
        SEPARATOR,
        settings_menu(state),
        about_menu(state),
        Item("Quit", UserAction.QUIT),
    )


def _life_items(state: AppState) -> tuple[Item, ...]:
    up = state.endpoint in UP
    waits = state.retry_in_s is not None
    wedged = state.endpoint is EndpointState.WEDGED
    drains = state.endpoint is EndpointState.STOPPING and state.active + state.queued > 0
    can_start = state.endpoint in DOWN
    return (
        Item("Start", UserAction.START, can_start, is_default=can_start),
        Item("Stop", UserAction.STOP, up or waits or wedged or drains),
        Item("Restart", UserAction.RESTART, up or wedged or drains),
    )
