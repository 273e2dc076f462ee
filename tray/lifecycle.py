"""What the endpoint's state machine remembers, and its basic moves. Pure; see tray/machine.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from tray.backoff import CrashRecord
from tray.effects import ChildEffect, Effect, Finish, StartChild
from tray.options import Places, pick_tuning
from tray.preferences import Preferences
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
    places: Places = field(default_factory=Places)
    good: Places | None = None  # what was asked for when a model was last ready: to go back to
    good_port: int = 0  # the one that it had then, also where any would do
    run: int = 0
    alive: bool = False
    intent: Intent = Intent.NONE
    told: ChildEffect | None = None  # the strongest thing that this child was told
    ready_at: float | None = None  # when this run became ready
    has_served: bool = False  # some run was ready since the user's last wish
    crashes: CrashRecord = field(default_factory=CrashRecord)
    writes: int = 0  # of the settings file, by us
    noticed_at: float | None = None  # when the notice that is shown came
    complaint: str = ""  # what is wrong with that file: stays to be seen when another run begins
    is_headless: bool = False  # there is nobody to click Start: a failure or a stop ends the app


Step = tuple[Lifecycle, tuple[Effect, ...]]

_PRESSURE = (ChildEffect.DRAIN, ChildEffect.STOP, ChildEffect.HURRY, ChildEffect.KILL)
"""Ever harder ways to end a child."""


def make_lifecycle(places: Places, preferences: Preferences, *, is_headless: bool) -> Lifecycle:
    """A lifecycle in which nothing has happened yet."""
    app = _show(AppState(port=places.options.port, preferences=preferences), places)
    return Lifecycle(app=app, places=places, is_headless=is_headless)


def ask_for(life: Lifecycle, places: Places) -> Lifecycle:
    """Another thing to run, from the next start on. The bound port stays as long as the same one is asked for."""
    wanted, before = places.options.port, life.places.options.port
    app = life.app if wanted == before else replace(life.app, port=wanted)
    return replace(life, app=_show(app, places), places=places)


def begin(life: Lifecycle) -> Step:
    """Start a child; nothing must be alive."""
    app = replace(_forget_run(life.app), endpoint=EndpointState.LOADING, model="", failure=None, retry_in_s=None)
    run = life.run + 1
    begun = replace(
        life,
        app=replace(app, reverted=None, notice=life.complaint),
        run=run,
        alive=True,
        intent=Intent.NONE,
        told=None,
        ready_at=None,
    )
    return begun, (StartChild(run, replace(life.places.options, port=app.port)),)


def rest(life: Lifecycle) -> Step:
    """Nothing runs, and nothing is wrong. An app that shows nothing has no reason to go on."""
    app = replace(_forget_run(life.app), endpoint=EndpointState.STOPPED, failure=None, retry_in_s=None)
    shows_nothing = life.is_headless or app.is_hidden
    return replace(life, app=app, intent=Intent.NONE), (Finish(),) if shows_nothing else ()


def press(life: Lifecycle, intent: Intent, effect: ChildEffect) -> Step:
    """Have the child end that way, unless it was told so or harder already; then comes what `intent` says."""
    app = replace(life.app, endpoint=EndpointState.STOPPING, failure=None)
    pressed = replace(life, app=app, intent=intent)
    if life.told is not None and _PRESSURE.index(effect) <= _PRESSURE.index(life.told):
        return pressed, ()
    return replace(pressed, told=effect), (effect,)


def _forget_run(app: AppState) -> AppState:
    """Without what was told of an endpoint that has gone."""
    return replace(app, progress=None, active=0, queued=0, cache=None, figures=None, is_unloaded=False)


def _show(app: AppState, places: Places) -> AppState:
    options = places.options
    return replace(
        app,
        ref=options.ref,
        host=options.host,
        tuning=pick_tuning(options),
        own_tuning=places.own,
        shared_tuning=pick_tuning(places.file),
        idle_unload_s=options.idle_unload or 0,
        saves_prompts=options.cache_disk != 0,
    )
