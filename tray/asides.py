"""The part of the state machine that answers what is neither a wish nor a report about a live child. Pure."""

from __future__ import annotations

from dataclasses import replace

from tray.actions import (
    ModelChosen,
    Noticed,
    RetryDue,
    SettingsRead,
    SettingsTouched,
    SurroundingsSeen,
    TemplateChosen,
)
from tray.changes import choose_model, choose_template, see_settings
from tray.downloads.download import Download, DownloadState
from tray.downloads.downloads import DownloadsChanged
from tray.effects import Desk, ReadSettings
from tray.lifecycle import Lifecycle, Step, begin

Choice = ModelChosen | TemplateChosen
Aside = Noticed | RetryDue | SettingsTouched | SettingsRead | SurroundingsSeen | Choice | DownloadsChanged


def advance_aside(life: Lifecycle, action: Aside) -> Step:
    """Side jobs, timers, the settings file, what there is on this machine."""
    match action:
        case Noticed(text, complains):
            complaint = text if complains else life.complaint
            return replace(life, app=replace(life.app, notice=text), complaint=complaint), ()
        case RetryDue(run):
            is_due = run == life.run and not life.alive and life.app.retry_in_s is not None
            return begin(life) if is_due else (life, ())
        case SettingsTouched():
            return life, (ReadSettings(life.writes),)
        case SettingsRead():
            return see_settings(life, action)
        case ModelChosen():
            return choose_model(life, action)
        case TemplateChosen():
            return choose_template(life, action)
        case DownloadsChanged(downloads):
            return _see_downloads(life, downloads)
        case SurroundingsSeen(around, starts_at_login):
            app = life.app if around is None else replace(life.app, around=around)
            return replace(
                life, app=app if starts_at_login is None else replace(app, starts_at_login=starts_at_login)
            ), ()


def _see_downloads(life: Lifecycle, downloads: tuple[Download, ...]) -> Step:
    """What has just come is a model to choose from."""
    before = {each.wanted for each in life.app.downloads if each.state is DownloadState.DONE}
    has_come = any(each.state is DownloadState.DONE and each.wanted not in before for each in downloads)
    return replace(life, app=replace(life.app, downloads=downloads)), (Desk.LOOK_AROUND,) if has_come else ()
