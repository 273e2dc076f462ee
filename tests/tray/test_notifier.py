from __future__ import annotations

from dataclasses import replace

from tray.notifier import Notifier
from tray.preferences import Preferences
from tray.state import AppState, EndpointState

LOADING = AppState(endpoint=EndpointState.LOADING)
READY = replace(LOADING, endpoint=EndpointState.READY, model="m")


def notify(*states: AppState) -> list[str]:
    told: list[str] = []
    notifier = Notifier(lambda title, _: told.append(title))
    for state in states:
        notifier.show(state)
    return told


def test_what_was_there_at_first_is_no_event() -> None:
    assert notify(READY) == []


def test_an_event_is_told_once_however_often_its_state_is_shown() -> None:
    busy = replace(READY, endpoint=EndpointState.BUSY)
    assert notify(LOADING, READY, replace(READY, notice="Copied"), busy, READY) == ["Traypoint is ready"]


def test_who_wants_no_notifications_gets_none() -> None:
    quiet = Preferences(notifications=False)
    assert notify(LOADING, replace(READY, preferences=quiet)) == []
