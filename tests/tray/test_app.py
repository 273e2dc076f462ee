"""The app put together, without an endpoint: how it begins where the channel can't be had, and how it ends."""

from __future__ import annotations

from pathlib import Path

from endpoint.contract import ExitCode
from tray.app import Plan, Runner
from tray.options import Places
from tray.paths import Paths
from tray.preferences import Preferences
from tray.state import AppState


class Watcher:
    """A View that asks for the end once it has been told something."""

    def __init__(self) -> None:
        self.runner: Runner | None = None
        self.notices: list[str] = []

    def show(self, state: AppState) -> None:
        if state.notice:
            self.notices.append(state.notice)
            assert self.runner
            self.runner.end()

    def close(self) -> None:
        pass


def test_an_app_that_can_not_be_reached_says_so_and_goes_on(tmp_path: Path) -> None:
    paths = Paths(*(tmp_path / name for name in ("config", "log", "state", "data", "cache")))
    paths.instance_file.mkdir(parents=True)
    watcher = Watcher()
    watcher.runner = Runner(Plan(Places(), Preferences(), paths, starts=False, is_first=True), is_headless=True)
    watcher.runner.start([watcher])
    assert watcher.runner.wait() == ExitCode.OK
    (notice,) = watcher.notices
    assert notice.startswith(f"The command line can't reach this app: {paths.instance_file}: can't be written")
