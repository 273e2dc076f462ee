"""The part of the state machine that answers changed settings: switching what runs, and going back. Pure.

One change, one restart: a running endpoint first answers what it has taken on. What can't be loaded is undone, in the
settings file too, and what served before runs again.
"""

from __future__ import annotations

from dataclasses import replace

from tray.actions import Change, ModelChosen, SettingsRead, TemplateChosen
from tray.backoff import CrashRecord
from tray.effects import ChildEffect, Desk, Effect, ReadSettings, SaveSettings
from tray.keys import ENDPOINT
from tray.lifecycle import Intent, Lifecycle, Step, ask_for, begin, press
from tray.options import Places, find_changes
from tray.preferences import Preferences
from tray.state import SERVING, EndpointState, Failure
from tray.targets import find_target, name_own


def advance_change(life: Lifecycle, change: Change) -> Step:
    """A click or a verb that sets keys: they are saved, and what runs follows."""
    # What became of the change before this one isn't this one's outcome.
    life = replace(life, app=replace(life.app, reverted=None, notice=""), complaint="")
    life, effects = _save(life, change.values)
    values = {target: value for name, value in change.values if (target := find_target(name))}
    served = {target: value for target, value in values.items() if target.key.section == ENDPOINT}
    wishes = {
        target.key.name: target.key.default if value is None else value
        for target, value in values.items()
        if target not in served
    }
    life, looks = _prefer(life, replace(life.app.preferences, **wishes))  # type: ignore[arg-type]  # checked by their keys
    switched, more = _switch(life, _force(life.places.change(served), life.places, is_asked=change.force))
    return switched, (*effects, *looks, *more)


def choose_model(life: Lifecycle, chosen: ModelChosen) -> Step:
    """A model from the desktop's dialog: as if it had been in the menu."""
    ref = chosen.ref
    return advance_change(life, Change((("endpoint.provider", ref.provider), ("endpoint.model", ref.model))))


def choose_template(life: Lifecycle, chosen: TemplateChosen) -> Step:
    """The same for a chat template."""
    return advance_change(life, Change(((name_own(chosen.model, "chat_template"), chosen.path),)))


def see_settings(life: Lifecycle, read: SettingsRead) -> Step:
    """The file as it is. One that was read before our own last write to it says what was, and is read again."""
    if read.writes != life.writes:
        return life, (ReadSettings(life.writes),)
    if life.app.notice == life.complaint:  # it can be read now
        life = replace(life, app=replace(life.app, notice=""))
    life, looks = _prefer(replace(life, complaint=""), read.preferences)
    switched, effects = _switch(life, life.places.reread(read.choices, read.models))
    return switched, (*looks, *effects)


def find_way_back(life: Lifecycle) -> Places | None:
    """What to go back to: where this run never became ready, and something else did before."""
    is_other = life.good is not None and life.good.options != life.places.options
    return life.good if life.ready_at is None and is_other else None


def go_back(life: Lifecycle, good: Places, failure: Failure) -> Step:
    """What was chosen last can't run: back to what did."""
    asked = life.app.model_name
    undone = tuple((target.dotted, value) for target, value in find_changes(life.places, good).items())
    life, effects = _save(life, undone) if undone else (life, ())
    life = ask_for(life, good)
    # Where any port would do: the one that clients know, not another one.
    begun, started = begin(replace(life, app=replace(life.app, port=life.good_port)))
    back = begun.app.model_name
    subject = f"{asked} can't be used" if asked != back else "That can't be used"
    reverted = replace(failure, reason=f"{subject}: {failure.reason}", advice=f"Back to {back} as it was.")
    app = replace(begun.app, reverted=reverted, notice=f"{reverted.reason} {reverted.advice}")
    return replace(begun, app=app), (*effects, *started)


def _force(places: Places, before: Places, *, is_asked: bool) -> Places:
    """To try a model where memory is short is asked for with that model, and over with another one."""
    return replace(places, force=is_asked or (before.force and places.options.ref == before.options.ref))


def _switch(life: Lifecycle, places: Places) -> Step:
    before = life.places.options
    life = ask_for(life, places)
    if life.good and life.good.options == places.options:  # what else was said meanwhile, of other models, is kept
        life = replace(life, good=places)
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
