"""Carries out what has nothing to do with the child's life: the settings file, the clipboard, viewers, the login item.

One worker thread, in order: a read of the settings file sees every write that was asked for before it. What takes a
person's time (the file dialog) or the endpoint's (clearing its cache) has a thread of its own. Results are posted.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable
from typing import Protocol

from endpoint.contract import ModelRef
from tray.actions import Action, ModelChosen, Noticed, SettingsRead, SurroundingsSeen, TemplateChosen
from tray.clipboard import copy_text
from tray.desktop import Setup
from tray.effects import (
    ChooseTemplate,
    ClearCache,
    CopyClientSetup,
    CopyText,
    Desk,
    OpenUrl,
    ReadSettings,
    RememberModel,
    SaveSettings,
    SetAutostart,
    SideJob,
)
from tray.errors import SettingsError, TrayError
from tray.health import Target
from tray.paths import Paths
from tray.prompt_cache import CacheWatch
from tray.settings import read_settings, save_settings
from tray.surroundings import Surroundings

LOOK_AROUND_S = 60.0
"""Between two looks for models that came or went, unasked."""
LAST_S = 2.0
"""How long the jobs that wait may take on the way out: a setting that was just changed must reach the file."""


class DesktopPart(Protocol):
    """What the jobs need of tray/desktop.py. All raise TrayError."""

    def open_page(self, url: str) -> None: ...

    def open_log(self) -> None: ...

    def open_settings(self) -> None: ...

    def open_models(self) -> None: ...

    def open_licences(self) -> None: ...

    def read_api_key(self) -> str: ...

    def write_setup(self, wish: CopyClientSetup) -> Setup: ...

    def choose_model(self) -> ModelRef | None: ...

    def choose_template(self) -> str | None: ...

    def look_around(self) -> Surroundings: ...

    def remember(self, ref: ModelRef) -> None: ...

    def starts_at_login(self) -> bool: ...

    def set_autostart(self, on: bool) -> None: ...


class SideJobs:
    """Takes jobs from the controller's thread; `close` ends it after those that wait."""

    def __init__(self, paths: Paths, desktop: DesktopPart, cache: CacheWatch, post: Callable[[Action], None]) -> None:
        self._paths = paths
        self._desktop = desktop
        self._cache = cache
        self._post = post
        self._inbox: queue.SimpleQueue[SideJob | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="side-jobs", daemon=True)
        self._thread.start()

    def take(self, job: SideJob) -> None:
        """Have it done soon."""
        self._inbox.put(job)

    def close(self) -> None:
        """Do what waits, then end."""
        self._inbox.put(None)
        self._thread.join(LAST_S)

    def _loop(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._do(job)
            except TrayError as error:
                self._post(Noticed(str(error), complains=isinstance(error, SettingsError)))
            except Exception as error:  # a bug in one job must not end the worker: no setting would be saved any more
                traceback.print_exc()
                self._post(Noticed(f"That didn't work: {error!r}"))

    def _next(self) -> SideJob | None:
        try:
            return self._inbox.get(timeout=LOOK_AROUND_S)
        except queue.Empty:
            return Desk.LOOK_AROUND

    def _do(self, job: SideJob) -> None:
        match job:
            case CopyText(text):
                self._copy(text, f"Copied {text}")
            case CopyClientSetup():
                setup = self._desktop.write_setup(job)
                self._copy(setup.text, f"Copied the set-up of {setup.title}")
            case ClearCache(run, host, port):
                self._cache.clear(Target(run, host, port))
            case OpenUrl(url):
                self._desktop.open_page(url)
            case Desk.CHOOSE_MODEL:
                self._ask(self._choose_model)
            case ChooseTemplate(model):
                self._ask(lambda: self._choose_template(model))
            case Desk():
                self._do_at_desk(job)
            case _:
                self._keep(job)

    def _keep(self, job: SaveSettings | ReadSettings | SetAutostart | RememberModel) -> None:
        match job:
            case SaveSettings(values):
                save_settings(self._paths.settings_file, dict(values))
            case ReadSettings(writes):
                self._read_settings(writes)
            case SetAutostart(on):
                try:
                    self._desktop.set_autostart(on)
                finally:
                    self._post(SurroundingsSeen(starts_at_login=self._desktop.starts_at_login()))
            case RememberModel(ref):
                self._desktop.remember(ref)
                self._look_around()

    def _do_at_desk(self, job: Desk) -> None:
        match job:
            case Desk.COPY_KEY:
                self._copy(self._desktop.read_api_key(), "Copied the API key")
            case Desk.OPEN_LOG:
                self._desktop.open_log()
            case Desk.OPEN_SETTINGS:
                self._desktop.open_settings()
            case Desk.OPEN_MODELS:
                self._desktop.open_models()
            case Desk.OPEN_LICENCES:
                self._desktop.open_licences()
            case Desk.LOOK_AROUND:
                self._look_around()

    def _read_settings(self, writes: int) -> None:
        path = self._paths.settings_file
        if not path.exists():  # whoever clears away files doesn't ask for another model and port
            told = f"{path} has gone: what it said stays in force until Traypoint is started again"
            self._post(Noticed(told, complains=True))
            return
        read = read_settings(path)
        self._post(SettingsRead(writes, read.choices, read.preferences, read.models))
        for note in read.notes:
            self._post(Noticed(note, complains=True))

    def _look_around(self) -> None:
        around = self._desktop.look_around()
        self._post(SurroundingsSeen(around, self._desktop.starts_at_login()))

    def _ask(self, question: Callable[[], Action | None]) -> None:
        """On a thread of its own: a person takes time."""
        threading.Thread(target=self._post_answer, args=(question,), name="file-dialog", daemon=True).start()

    def _post_answer(self, question: Callable[[], Action | None]) -> None:
        try:
            answer = question()
        except TrayError as error:
            answer = Noticed(str(error))
        except Exception as error:  # told, not only printed where nobody looks
            traceback.print_exc()
            answer = Noticed(f"That didn't work: {error!r}")
        if answer is not None:
            self._post(answer)

    def _choose_model(self) -> Action | None:
        chosen = self._desktop.choose_model()
        return ModelChosen(chosen) if chosen else None

    def _choose_template(self, model: str) -> Action | None:
        chosen = self._desktop.choose_template()
        return TemplateChosen(model, chosen) if chosen else None

    def _copy(self, text: str, success: str) -> None:
        copy_text(text)
        self._post(Noticed(success))
