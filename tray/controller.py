"""The app's one thread of decisions: action -> state machine -> effects and a new AppState -> views.

Owner of the Lifecycle. `post` may be called from any thread, signal handlers included; everything else happens on
the thread that calls `run`. Invariant: a view is shown a state only when it differs from the last one.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from endpoint.contract import ExitCode
from tray.actions import Action, Asked, Click, Report, RetryDue
from tray.effects import Effect, Finish, ScheduleRetry
from tray.lifecycle import Lifecycle
from tray.machine import advance
from tray.state import AppState


class View(Protocol):
    """Something that shows the state: an icon, a terminal. Called on the controller's thread."""

    def show(self, state: AppState) -> None:
        """Show this state."""

    def close(self) -> None:
        """The app ends: show nothing more."""


class Performer(Protocol):
    """Carries out effects. Nothing here may take long: results come back as actions."""

    def perform(self, effect: Effect) -> None:
        """Carry out one effect."""

    def close(self) -> None:
        """Let go of everything; no child may be alive afterwards."""


class Controller:
    """Feeds the state machine from its inbox until it says Finish."""

    def __init__(self, life: Lifecycle, clock: Callable[[], float] = time.monotonic) -> None:
        self._life = life
        self._clock = clock
        self._inbox: queue.SimpleQueue[Action] = queue.SimpleQueue()  # put() is safe in a signal handler
        self._retry: tuple[float, RetryDue] | None = None
        self._shown: AppState | None = None

    def post(self, action: Action) -> None:
        """Have this action handled soon; returns at once."""
        self._inbox.put(action)

    def run(self, performer: Performer, views: Sequence[View]) -> int:
        """Handle actions until the state machine finishes; returns the exit code."""
        try:
            self._render(views)
            while True:
                code = self._handle(self._next_action(), performer, views)
                if code is not None:
                    return code
        finally:
            performer.close()
            for view in views:
                view.close()

    def _handle(self, action: Action, performer: Performer, views: Sequence[View]) -> int | None:
        asked = action if isinstance(action, Asked) else None
        wish = action.action if isinstance(action, Asked) else action
        code = None if wish is None else self._step(wish, performer)
        self._render(views)
        if asked is not None:
            asked.answer(self._life.app)
        return code

    def _step(self, action: Click | Report, performer: Performer) -> int | None:
        self._life, effects = advance(self._life, action, self._clock())
        code: int | None = None
        for effect in effects:
            if isinstance(effect, Finish):
                code = ExitCode(effect.code)
            elif isinstance(effect, ScheduleRetry):
                self._retry = (self._clock() + effect.delay_s, RetryDue(effect.run))
            else:
                performer.perform(effect)
        return code

    def _next_action(self) -> Action:
        """The next action from the inbox, or the retry when its time has come."""
        if self._retry is None:
            return self._inbox.get()
        due, retry = self._retry
        try:
            return self._inbox.get(timeout=max(0.0, due - self._clock()))
        except queue.Empty:
            self._retry = None
            return retry

    def _render(self, views: Sequence[View]) -> None:
        if self._life.app == self._shown:
            return
        self._shown = self._life.app
        for view in views:
            view.show(self._shown)
