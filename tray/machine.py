"""The app's life as a pure state machine: (lifecycle, action, now) -> (lifecycle, effects).

No I/O and no clock: `now` is a monotonic time in seconds, given. Invariants: at most one child is alive; `run`
numbers it; a report about another run changes nothing; after QUIT or END, Finish follows once no child is alive,
unless the endpoint is kept.
"""

from __future__ import annotations

from dataclasses import replace

from tray.actions import (
    CacheReport,
    Change,
    ChildBindFailed,
    ChildExited,
    ChildListening,
    Click,
    CopySetup,
    HealthReport,
    Report,
    SpawnFailed,
    SwitchAutostart,
    UserAction,
)
from tray.asides import advance_aside
from tray.changes import advance_change
from tray.clicks import advance_click, advance_side_click
from tray.downloads.wishes import Fetch
from tray.effects import Effect, TellDownloads
from tray.lifecycle import Lifecycle, Step
from tray.reports import advance_report
from tray.state import AppState

_OF_CHILD = ChildListening | ChildBindFailed | ChildExited | SpawnFailed | HealthReport | CacheReport


NOTICE_S = 60.0
"""How long the outcome of a click is shown; why a choice was undone stays until the next one."""


def advance(life: Lifecycle, action: Click | Report, now: float) -> Step:
    """The whole machine: what follows from one action at time `now`."""
    after, effects = _advance(life, action, now)
    return _age_notice(life.app.notice, after, now), (*effects, *_tell_page(life.app, after.app))


def _tell_page(before: AppState, after: AppState) -> tuple[Effect, ...]:
    """The endpoint's page shows downloads and offers, as the menu does."""
    if (before.downloads, before.around.offers) == (after.downloads, after.around.offers):
        return ()
    return (TellDownloads(after.downloads, after.around.offers),)


def _age_notice(before: str, life: Lifecycle, now: float) -> Lifecycle:
    if life.app.notice != before:
        return replace(life, noticed_at=now)
    is_old = life.noticed_at is not None and now - life.noticed_at > NOTICE_S
    if not (before and is_old) or life.app.reverted:
        return life
    return replace(life, app=replace(life.app, notice=""))


def _advance(life: Lifecycle, action: Click | Report, now: float) -> Step:
    if isinstance(action, UserAction):
        return advance_click(life, action)
    if isinstance(action, Change):
        return advance_change(life, action)
    if isinstance(action, SwitchAutostart | CopySetup | Fetch):
        return advance_side_click(life, action)
    if not isinstance(action, _OF_CHILD):
        return advance_aside(life, action)
    if action.run != life.run or not life.alive:
        return life, ()
    return advance_report(life, action, now)
