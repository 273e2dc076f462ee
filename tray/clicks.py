"""The half of the state machine that answers the user, and what is nobody's report. Pure; see tray/machine.py."""

from __future__ import annotations

from dataclasses import replace

from tray.actions import Noticed, RetryDue, UserAction
from tray.backoff import CrashRecord
from tray.effects import ChildEffect, ClearCache, CopyText, Finish, OpenLog
from tray.lifecycle import Intent, Lifecycle, Step, begin, rest
from tray.state import SERVING, EndpointState


def advance_click(life: Lifecycle, click: UserAction) -> Step:
    """One click in the menu, or a signal."""
    if click is UserAction.COPY_URL:
        return life, (CopyText(life.app.base_url),)
    if click is UserAction.OPEN_LOG:
        return life, (OpenLog(),)
    if click is UserAction.CLEAR_CACHE:
        app = life.app
        return life, (ClearCache(life.run, app.host, app.port),) if app.endpoint in SERVING else ()
    life = replace(life, app=replace(life.app, notice=""))
    if click is UserAction.QUIT:
        return _quit(life)
    if life.intent is Intent.QUIT:
        return life, ()
    if click is UserAction.STOP:
        return _stop(life, Intent.REST) if life.alive else rest(life)
    if click is UserAction.START and life.alive and life.intent is Intent.NONE and not life.app.failure:
        return life, ()
    fresh = replace(life, crashes=CrashRecord(), has_served=False)
    return _stop(fresh, Intent.START_AGAIN) if life.alive else begin(fresh)


def advance_aside(life: Lifecycle, action: Noticed | RetryDue) -> Step:
    """What is neither a click nor a report about a live child."""
    if isinstance(action, Noticed):
        return replace(life, app=replace(life.app, notice=action.text)), ()
    if action.run != life.run or life.alive or life.app.retry_in_s is None:
        return life, ()
    return begin(life)


def _stop(life: Lifecycle, intent: Intent) -> Step:
    stopping = replace(life, intent=intent, app=replace(life.app, endpoint=EndpointState.STOPPING, failure=None))
    already = life.intent is not Intent.NONE
    return stopping, () if already else (ChildEffect.STOP,)


def _quit(life: Lifecycle) -> Step:
    if not life.alive:
        return replace(life, intent=Intent.QUIT), (Finish(),)
    if life.intent is Intent.QUIT:
        return life, (ChildEffect.KILL,)  # asked twice: in a hurry
    return _stop(life, Intent.QUIT)
