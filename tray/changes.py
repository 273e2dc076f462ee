"""The part of the state machine that answers changed settings: switching what runs, and going back. Pure.

One change, one restart: a running endpoint first answers what it has taken on. What can't be loaded is undone, in the
settings file too, and what served before runs again.
"""

from __future__ import annotations

from dataclasses import replace

from tray.actions import Change, ModelChosen, SettingsRead
from tray.backoff import CrashRecord
from tray.effects import ChildEffect, Desk, Effect, ReadSettings, SaveSettings
from tray.keys import BY_NAME, ENDPOINT
from tray.lifecycle import Intent, Lifecycle, Step, ask_for, begin, press
from tray.options import Places, differing
from tray.preferences import Preferences
from tray.state import SERVING, EndpointState, Failure


def advance_change(life: Lifecycle, change: Change) -> Step:
    """A click or a verb that sets keys: they are saved, and what runs follows."""
    # What became of the change before this one isn't this one's outcome.
    life = replace(life, app=replace(life.app, reverted=None, notice=""), complaint="")
    life, effects = _save(life, change.values)
    sections = {name: BY_NAME[name] for name, _ in change.values}
    values = {sections[name].name: value for name, value in change.values if sections[name].section == ENDPOINT}
    wishes = {
        key.name: key.default if value is None else value
        for name, value in change.values
        if (key := sections[name]).section != ENDPOINT
    }
    life, looks = _prefer(life, replace(life.app.preferences, **wishes))  # type: ignore[arg-type]  # checked by their keys
    switched, more = _switch(life, life.places.change(values))
    return switched, (*effects, *looks, *more)


def choose_model(life: Lifecycle, chosen: ModelChosen) -> Step:
    """A model from the desktop's dialog: as if it had been in the menu."""
    ref = chosen.ref
    return advance_change(life, Change((("endpoint.provider", ref.provider), ("endpoint.model", ref.model))))


def see_settings(life: Lifecycle, read: SettingsRead) -> Step:
    """The file as it is. One that was read before our own last write to it says what was, and is read again."""
    if read.writes != life.writes:
        return life, (ReadSettings(life.writes),)
    if life.app.notice == life.complaint:  # it can be read now
        life = replace(life, app=replace(life.app, notice=""))
    life, looks = _prefer(replace(life, complaint=""), read.preferences)
    switched, effects = _switch(life, life.places.reread(read.choices))
    return switched, (*looks, *effects)


def find_way_back(life: Lifecycle) -> Places | None:
    """What to go back to: where this run never became ready, and something else did before."""
    is_other = life.good is not None and life.good.options != life.places.options
    return life.good if life.ready_at is None and is_other else None


def go_back(life: Lifecycle, good: Places, failure: Failure) -> Step:
    """What was chosen last can't run: back to what did."""
    asked = life.app.model_name
    undone = tuple((f"{ENDPOINT}.{name}", value) for name, value in _undo(life.places, good).items())
    life, effects = _save(life, undone) if undone else (life, ())
    life = ask_for(life, good)
    # Where any port would do: the one that clients know, not another one.
    begun, started = begin(replace(life, app=replace(life.app, port=life.good_port)))
    back = begun.app.model_name
    subject = f"{asked} can't be used" if asked != back else "That can't be used"
    reverted = replace(failure, reason=f"{subject}: {failure.reason}", advice=f"Back to {back} as it was.")
    app = replace(begun.app, reverted=reverted, notice=f"{reverted.reason} {reverted.advice}")
    return replace(begun, app=app), (*effects, *started)


def _undo(now: Places, good: Places) -> dict[str, object]:
    return {name: value for name, value in differing(now.file, good.file).items() if name != "api_key"}


def _switch(life: Lifecycle, places: Places) -> Step:
    before = life.places.options
    life = ask_for(life, places)
    if places.options == before or life.intent in (Intent.QUIT, Intent.REST):
        return life, ()
    fresh = replace(life, crashes=CrashRecord(), has_served=False)
    if not life.alive:
        return begin(fresh) if life.app.endpoint is EndpointState.FAILED else (fresh, ())
    drains = life.app.endpoint in SERVING or life.told is ChildEffect.DRAIN
    return press(fresh, Intent.START_AGAIN, ChildEffect.DRAIN if drains else ChildEffect.STOP)


def _prefer(life: Lifecycle, preferences: Preferences) -> Step:
    """Other folders have other models: the menu shows them at once."""
    is_elsewhere = preferences.folders != life.app.preferences.folders
    looks: tuple[Effect, ...] = (Desk.LOOK_AROUND,) if is_elsewhere else ()
    return replace(life, app=replace(life.app, preferences=preferences)), looks


def _save(life: Lifecycle, values: tuple[tuple[str, object], ...]) -> tuple[Lifecycle, tuple[Effect, ...]]:
    return replace(life, writes=life.writes + 1), (SaveSettings(values),)
