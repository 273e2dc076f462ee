"""The half of the state machine that answers the user. Pure; see tray/machine.py."""

from __future__ import annotations

from dataclasses import replace

from tray.actions import CopySetup, SwitchAutostart, UserAction
from tray.backoff import CrashRecord
from tray.downloads.wishes import Fetch
from tray.effects import (
    ChildEffect,
    ChooseTemplate,
    ClearCache,
    CopyClientSetup,
    CopyText,
    Desk,
    Effect,
    Finish,
    OpenUrl,
    SetAutostart,
)
from tray.lifecycle import Intent, Lifecycle, Step, begin, press, rest
from tray.state import SERVING, AppState

_DESK = {
    UserAction.COPY_KEY: Desk.COPY_KEY,
    UserAction.OPEN_LOG: Desk.OPEN_LOG,
    UserAction.OPEN_SETTINGS: Desk.OPEN_SETTINGS,
    UserAction.OPEN_MODELS: Desk.OPEN_MODELS,
    UserAction.OPEN_LICENCES: Desk.OPEN_LICENCES,
    UserAction.CHOOSE_MODEL: Desk.CHOOSE_MODEL,
    UserAction.LOOK_FOR_MODELS: Desk.LOOK_AROUND,
}


def advance_click(life: Lifecycle, click: UserAction) -> Step:
    """One click in the menu, a verb, or a signal."""
    if click in _DESK:
        return life, (_DESK[click],)
    if click is UserAction.CHOOSE_TEMPLATE:
        return life, (ChooseTemplate(life.app.ref.model),)
    if click in (UserAction.COPY_URL, UserAction.OPEN_PAGE, UserAction.CLEAR_CACHE):
        return life, _ask_desktop(life, click)
    life = replace(life, app=replace(life.app, notice=""), complaint="")
    if click is UserAction.SHOW:
        return _show(life)
    if click in (UserAction.QUIT, UserAction.END):
        return _leave(life, click)
    if life.intent is Intent.QUIT:
        return life, ()
    if click is UserAction.STOP:
        return press(life, Intent.REST, ChildEffect.STOP) if life.alive else rest(life)
    return _start(life, click)


def advance_side_click(life: Lifecycle, click: SwitchAutostart | CopySetup | Fetch) -> Step:
    """A click that has nothing to do with the endpoint's life."""
    if isinstance(click, Fetch):
        return life, (click,)
    if isinstance(click, SwitchAutostart):
        return life, (SetAutostart(click.on),)
    app = life.app
    n_ctx = app.figures.n_ctx if app.figures else 0
    return life, (CopyClientSetup(click.client, app.base_url, app.model_name, n_ctx, app.is_open_to_others),)


def _ask_desktop(life: Lifecycle, click: UserAction) -> tuple[Effect, ...]:
    app = life.app
    if click is UserAction.COPY_URL:
        return (CopyText(app.base_url),)
    if click is UserAction.OPEN_PAGE:
        return (OpenUrl(f"{app.root_url}/"),) if life.alive else ()
    return (ClearCache(life.run, app.host, app.port),) if app.endpoint in SERVING else ()


def _show(life: Lifecycle) -> Step:
    app = life.app
    notice = "" if app.is_hidden else "Traypoint was started again: it is here already"
    return replace(life, app=replace(app, is_hidden=False, notice=notice)), ()


def _start(life: Lifecycle, click: UserAction) -> Step:
    """Start, or restart: what runs stays if a start is all that is asked."""
    runs = life.alive and life.intent is Intent.NONE and not life.app.failure
    is_switching = life.intent is Intent.START_AGAIN  # it starts by itself; a push would cut the running answers off
    if click is UserAction.START and (runs or is_switching):
        return life, ()
    fresh = replace(life, crashes=CrashRecord(), has_served=False)
    return press(fresh, Intent.START_AGAIN, ChildEffect.STOP) if life.alive else begin(fresh)


def _leave(life: Lifecycle, click: UserAction) -> Step:
    if not life.alive:
        return replace(life, intent=Intent.QUIT), (Finish(),)
    if click is UserAction.QUIT and _keeps_running(life):
        return replace(life, app=replace(life.app, is_hidden=True)), ()
    if click is UserAction.END:
        harder = ChildEffect.KILL if life.told is ChildEffect.HURRY else ChildEffect.HURRY
    else:
        harder = ChildEffect.KILL if life.intent is Intent.QUIT else ChildEffect.STOP
    return press(life, Intent.QUIT, harder)  # asked twice: in a hurry


def _keeps_running(life: Lifecycle) -> bool:
    app: AppState = life.app
    return app.preferences.keep_running and not app.is_hidden and not life.is_headless and life.intent is Intent.NONE
