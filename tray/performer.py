"""Carries out the state machine's effects with the real things. Runs on the controller's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tray.actions import Action, Noticed
from tray.clipboard import copy_text
from tray.effects import ChildEffect, ClearCache, CopyText, Effect, OpenLog, StartChild, WatchHealth
from tray.errors import DesktopError
from tray.health import HealthPoller, Target
from tray.logfile import RotatingLog
from tray.opener import open_file
from tray.options import Options
from tray.prompt_cache import CacheWatch
from tray.spawn import endpoint_command
from tray.supervisor import Supervisor


class RealPerformer:
    """A supervisor, a poller, the prompt cache, the clipboard and the desktop's opener."""

    def __init__(self, options: Options, log: RotatingLog, post: Callable[[Action], None]) -> None:
        self._options = options
        self._log = log
        self._post = post
        self._supervisor = Supervisor(log, post)
        self._cache = CacheWatch(post, options.api_key)
        self._poller = HealthPoller(post, on_healthy=self._cache.look)

    def perform(self, effect: Effect) -> None:
        """Carry out one effect."""
        match effect:
            case StartChild(run, port):
                options = replace(self._options, port=port)
                self._supervisor.start(run, endpoint_command(options), (options.host, port))
            case WatchHealth(run, host, port):
                self._poller.watch(Target(run, host, port))
            case ChildEffect():
                self._act_on_child(effect)
            case CopyText(text):
                self._tell(lambda: copy_text(text), f"Copied {text}")
            case OpenLog():
                self._tell(lambda: open_file(self._log.path), "")
            case ClearCache(run, host, port):
                self._cache.clear(Target(run, host, port))
            case _:
                raise AssertionError(f"not an effect to perform: {effect}")

    def close(self) -> None:
        """End the child, whatever state it is in."""
        self._poller.close()
        self._supervisor.close()
        self._log.close()

    def _act_on_child(self, effect: ChildEffect) -> None:
        self._poller.watch(None)
        if effect is ChildEffect.STOP:
            self._supervisor.stop()
        elif effect is ChildEffect.KILL:
            self._supervisor.kill()

    def _tell(self, work: Callable[[], None], success: str) -> None:
        """Do a side job; how it ended is posted, so that the menu can say so."""
        try:
            work()
        except DesktopError as error:
            self._post(Noticed(str(error)))
        else:
            self._post(Noticed(success))
