"""The submenus of what the app does, and what it is. Pure."""

from __future__ import annotations

from tray.actions import Change, CopySetup, SwitchAutostart, UserAction
from tray.menu.items import SEPARATOR, Item, box, inform, submenu
from tray.state import AppState

EVERYWHERE = "0.0.0.0"  # noqa: S104  what "Allow LAN" asks for; the endpoint demands a key of all others then


def settings_menu(state: AppState) -> Item:
    """A switch each, and the files."""
    wished = state.preferences
    host = Change((("endpoint.host", None if state.is_open_to_others else EVERYWHERE),))
    return submenu(
        "Settings",
        box("Start at login", SwitchAutostart(not state.starts_at_login), is_checked=state.starts_at_login),
        _preference("Start endpoint on launch", "start_on_launch", is_on=wished.start_on_launch),
        _preference("Keep running when the icon is quit", "keep_running", is_on=wished.keep_running),
        _preference("Notifications", "notifications", is_on=wished.notifications),
        box("Allow LAN (other machines, with an API key)", host, is_checked=state.is_open_to_others),
        Item("Copy API key", UserAction.COPY_KEY, state.is_open_to_others),
        SEPARATOR,
        Item("Open settings file", UserAction.OPEN_SETTINGS),
        Item("Open logs", UserAction.OPEN_LOG),
        Item("Open models folder", UserAction.OPEN_MODELS),
    )


def about_menu(state: AppState) -> Item:
    """What is installed, and under which licences."""
    versions = (inform(line) for line in state.around.versions)
    return submenu("About", *versions, Item("Licences", UserAction.OPEN_LICENCES))


def setup_menu(state: AppState) -> Item:
    """What to paste into which client."""
    clients = state.around.clients
    return submenu("Copy client set-up", *(Item(client.title, CopySetup(client.name)) for client in clients))


def _preference(label: str, name: str, *, is_on: bool) -> Item:
    return box(label, Change(((f"app.{name}", not is_on),)), is_checked=is_on)
