"""Collects what is posted from other threads, and waits for it."""

from __future__ import annotations

import queue
from typing import TypeVar

from tray.actions import Action

T = TypeVar("T")
PATIENCE_S = 20.0


class Recorder:
    """A `post` that remembers; `wait_for` returns the next action of a type and drops those before it."""

    def __init__(self) -> None:
        self._inbox: queue.SimpleQueue[Action] = queue.SimpleQueue()

    def post(self, action: Action) -> None:
        self._inbox.put(action)

    def wait_for(self, kind: type[T]) -> T:
        seen: list[Action] = []
        while True:
            try:
                action = self._inbox.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"no {kind.__name__} within {PATIENCE_S} s; came: {seen}") from None
            if isinstance(action, kind):
                return action
            seen.append(action)

    def is_empty(self) -> bool:
        return self._inbox.empty()
