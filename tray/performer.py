"""Carries out the state machine's effects with the real things. Runs on the controller's thread."""

from __future__ import annotations

from collections.abc import Callable

from endpoint.app_contract import ToldDownloads, format_downloads
from tray.actions import Action
from tray.desktop import Desktop
from tray.downloads.downloads import Downloads
from tray.downloads.keeper import Keeper
from tray.downloads.records import read_records
from tray.downloads.wishes import Deed, Fetch
from tray.effects import ChildEffect, Effect, Finish, ScheduleRetry, StartChild, TellDownloads, WatchHealth
from tray.health import HealthPoller, Target
from tray.logfile import RotatingLog
from tray.page_news import tell_downloads
from tray.paths import Paths
from tray.prompt_cache import CacheWatch
from tray.settings_watch import SettingsWatch
from tray.sidejobs import SideJobs
from tray.spawn import endpoint_command
from tray.supervisor import Supervisor


class RealPerformer:
    """A supervisor, a poller, the prompt cache, downloads, the settings file and the desktop. `api_key`: of an endpoint
    that asks callers on this machine, too. `is_first`: the user's files are this app's: it takes up changes of the
    settings while it runs, and goes on with the downloads that were left.
    """

    def __init__(self, paths: Paths, api_key: str | None, post: Callable[[Action], None], *, is_first: bool) -> None:
        self._log = RotatingLog(paths.endpoint_log)
        self._supervisor = Supervisor(self._log, post)
        self._supervisor.inform(format_downloads(ToldDownloads()))  # so that the first child knows that there is an app
        cache = CacheWatch(post, api_key)
        self._jobs = SideJobs(paths, Desktop(paths), cache, post)
        self._poller = HealthPoller(post, on_healthy=cache.look)
        self._keeper = Keeper(paths.downloads_file)
        self._downloads = Downloads(post, keep=self._keeper.keep if is_first else None)
        self._settings = SettingsWatch(paths.settings_file, post)
        if is_first:
            self._settings.start()
            self._downloads.resume(read_records(paths.downloads_file))

    def perform(self, effect: Effect) -> None:
        """Carry out one effect."""
        match effect:
            case StartChild(run, options):
                self._supervisor.start(run, endpoint_command(options), (options.host, options.port))
            case WatchHealth(run, host, port):
                self._poller.watch(Target(run, host, port))
            case ChildEffect():
                self._act_on_child(effect)
            case Fetch(deed, wanted):
                self._fetch(deed, wanted)
            case TellDownloads(downloads, offers):
                self._supervisor.inform(format_downloads(tell_downloads(downloads, offers)))
            case Finish() | ScheduleRetry():
                raise AssertionError(f"the controller's own business: {effect}")
            case _:
                self._jobs.take(effect)

    def close(self) -> None:
        """End the child, whatever state it is in."""
        self._settings.close()
        self._poller.close()
        self._supervisor.close()
        self._downloads.close()
        self._keeper.close()
        self._jobs.close()
        self._log.close()

    def _fetch(self, deed: Deed, wanted: str) -> None:
        match deed:
            case Deed.START:
                self._downloads.start(wanted)
            case Deed.PAUSE:
                self._downloads.pause(wanted)
            case Deed.CANCEL:
                self._downloads.cancel(wanted)
            case Deed.FORGET:
                self._downloads.forget(wanted)

    def _act_on_child(self, effect: ChildEffect) -> None:
        if effect is ChildEffect.DRAIN:  # its health goes on to be watched: that tells how far it is
            self._supervisor.drain()
            return
        self._poller.watch(None)
        match effect:
            case ChildEffect.STOP:
                self._supervisor.stop()
            case ChildEffect.HURRY:
                self._supervisor.hurry()
            case ChildEffect.KILL:
                self._supervisor.kill()
