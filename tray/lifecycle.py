"""What the endpoint's state machine remembers, and its two basic moves. Pure; see tray/machine.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from tray.backoff import CrashRecord
from tray.effects import Effect, StartChild
from tray.state import AppState, EndpointState


class Intent(StrEnum):
    """What to do once the child that is alive has gone."""

    NONE = "none"  # it isn't meant to go: an exit is a failure or a crash
    REST = "rest"
    START_AGAIN = "start-again"
    RETRY = "retry"  # it hangs and was told to go: counts as a crash
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The app's state and what the state machine has to remember beside it."""

    app: AppState = field(default_factory=AppState)
    run: int = 0
    alive: bool = False
    intent: Intent = Intent.NONE
    ready_at: float | None = None  # when this run became ready
    has_served: bool = False  # some run was ready since the user's last Start
    crashes: CrashRecord = field(default_factory=CrashRecord)
    ends_on_failure: bool = False  # headless: there is nobody to click Start


Step = tuple[Lifecycle, tuple[Effect, ...]]


def begin(life: Lifecycle) -> Step:
    """Start a child; nothing must be alive."""
    app = replace(
        life.app,
        endpoint=EndpointState.LOADING,
        model="",
        progress=None,
        active=0,
        queued=0,
        failure=None,
        retry_in_s=None,
        cache=None,
        notice="",
    )
    run = life.run + 1
    begun = replace(life, app=app, run=run, alive=True, intent=Intent.NONE, ready_at=None)
    return begun, (StartChild(run, app.port),)


def rest(life: Lifecycle) -> Step:
    """Nothing runs, and nothing is wrong."""
    app = replace(
        life.app, endpoint=EndpointState.STOPPED, progress=None, active=0, queued=0, failure=None, retry_in_s=None
    )
    return replace(life, app=app, intent=Intent.NONE), ()
