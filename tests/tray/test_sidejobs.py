"""The side jobs on their thread, with real files and a desktop that only remembers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from tests.tray.recorder import Recorder
from tray.actions import ModelChosen, Noticed, SettingsRead, SurroundingsSeen, TemplateChosen
from tray.desktop import Setup
from tray.effects import (
    ChooseTemplate,
    CopyClientSetup,
    Desk,
    OpenUrl,
    ReadSettings,
    RememberModel,
    SaveSettings,
    SetAutostart,
)
from tray.errors import DesktopError
from tray.options import Choices
from tray.paths import Paths
from tray.preferences import Preferences
from tray.prompt_cache import CacheWatch
from tray.sidejobs import SideJobs
from tray.surroundings import Surroundings

SEEN = Surroundings(versions=("Traypoint 1",))


class FakeDesktop:
    """Stands for tray.desktop.Desktop: remembers what it was asked."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.login = False
        self.chosen: ModelRef | None = ModelRef("mlx", "/m")
        self.template: str | None = "/t.jinja"

    def open_page(self, url: str) -> None:
        self.done.append(url)

    def open_log(self) -> None:
        raise DesktopError("Nothing has been logged yet (/log).")

    def open_settings(self) -> None:
        self.done.append("settings")

    def open_models(self) -> None:
        self.done.append("models")

    def open_licences(self) -> None:
        self.done.append("licences")

    def read_api_key(self) -> str:
        raise DesktopError("No API key in /key: No such file or directory")

    def write_setup(self, wish: CopyClientSetup) -> Setup:
        raise DesktopError(f"There is no set-up for {wish.client!r}.")

    def choose_model(self) -> ModelRef | None:
        return self.chosen

    def choose_template(self) -> str | None:
        return self.template

    def look_around(self) -> Surroundings:
        return SEEN

    def remember(self, ref: ModelRef) -> None:
        self.done.append(ref)

    def starts_at_login(self) -> bool:
        return self.login

    def set_autostart(self, on: bool) -> None:
        if on:
            raise DesktopError("The folder autostart can't be written.")
        self.login = on


class Bench:
    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder, folder / "log", folder / "state", folder / "data", folder / "cache")
        self.reports, self.desktop = Recorder(), FakeDesktop()
        self.jobs = SideJobs(self.paths, self.desktop, CacheWatch(self.reports.post, None), self.reports.post)

    def notice(self) -> str:
        return self.reports.wait_for(Noticed).text


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.jobs.close()


def test_a_read_sees_every_write_that_was_asked_for_before_it(bench: Bench) -> None:
    for port in range(8100, 8105):
        bench.jobs.take(SaveSettings((("endpoint.port", port),)))
    bench.jobs.take(SaveSettings((("app.notifications", False),)))
    bench.jobs.take(ReadSettings(6))
    assert bench.reports.wait_for(SettingsRead) == SettingsRead(6, Choices(port=8104), Preferences(notifications=False))


def test_what_waits_is_written_on_the_way_out(bench: Bench) -> None:
    bench.jobs.take(SaveSettings((("endpoint.port", 8105),)))
    bench.jobs.close()
    assert "port = 8105" in bench.paths.settings_file.read_text()


def test_a_file_that_is_just_being_written_is_left_alone_and_told(bench: Bench) -> None:
    bench.paths.settings_file.write_text("[endpoint\nport =")
    bench.jobs.take(ReadSettings(0))
    assert "is not valid TOML" in bench.notice()
    assert bench.paths.settings_file.read_text() == "[endpoint\nport ="


def test_a_file_that_has_gone_changes_nothing_and_is_told(bench: Bench) -> None:
    bench.jobs.take(ReadSettings(0))
    told = bench.reports.wait_for(Noticed)
    assert told.complains
    assert told.text.startswith(f"{bench.paths.settings_file} has gone: what it said stays in force")
    bench.jobs.close()
    assert bench.reports.is_empty()


def test_a_wrong_value_and_an_unknown_key_are_told(bench: Bench) -> None:
    bench.paths.settings_file.write_text("[endpoint]\nport = 99999\n")
    bench.jobs.take(ReadSettings(0))
    assert "endpoint.port must be a whole number" in bench.notice()
    bench.paths.settings_file.write_text("[endpoint]\nprot = 1\n")
    bench.jobs.take(ReadSettings(0))
    assert "unknown key endpoint.prot" in bench.notice()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Desk.OPEN_LOG, "Nothing has been logged yet"),
        (Desk.COPY_KEY, "No API key in /key"),
        (CopyClientSetup("nobody", "http://x/v1", "m", 0, with_key=False), "no set-up for 'nobody'"),
    ],
)
def test_what_can_not_be_done_is_told(bench: Bench, job: Desk | CopyClientSetup, said: str) -> None:
    bench.jobs.take(job)
    assert said in bench.notice()


def test_the_login_switch_shows_what_the_system_says_also_when_it_fails(bench: Bench) -> None:
    bench.jobs.take(SetAutostart(on=True))
    assert bench.reports.wait_for(SurroundingsSeen) == SurroundingsSeen(starts_at_login=False)
    assert "can't be written" in bench.notice()


def test_pages_and_folders_are_opened_in_order(bench: Bench) -> None:
    for job in (OpenUrl("http://x/"), Desk.OPEN_SETTINGS, Desk.OPEN_MODELS, Desk.OPEN_LICENCES):
        bench.jobs.take(job)
    bench.jobs.close()
    assert bench.desktop.done == ["http://x/", "settings", "models", "licences"]


def test_a_model_that_served_is_remembered_and_the_menu_looked_at_again(bench: Bench) -> None:
    bench.jobs.take(RememberModel(ModelRef()))
    assert bench.reports.wait_for(SurroundingsSeen) == SurroundingsSeen(SEEN, starts_at_login=False)
    assert bench.desktop.done == [ModelRef()]


def test_a_chosen_file_is_told_and_a_cancelled_choice_is_nothing(bench: Bench) -> None:
    bench.jobs.take(Desk.CHOOSE_MODEL)
    assert bench.reports.wait_for(ModelChosen) == ModelChosen(ModelRef("mlx", "/m"))
    bench.desktop.chosen = None
    bench.jobs.take(Desk.CHOOSE_MODEL)
    bench.jobs.take(Desk.OPEN_LOG)
    assert "Nothing has been logged" in bench.notice()


def test_a_chosen_template_is_told_with_the_model_that_it_is_for(bench: Bench) -> None:
    bench.jobs.take(ChooseTemplate("starter"))
    assert bench.reports.wait_for(TemplateChosen) == TemplateChosen("starter", "/t.jinja")
    bench.desktop.template = None
    bench.jobs.take(ChooseTemplate("starter"))
    bench.jobs.take(Desk.OPEN_LOG)
    assert "Nothing has been logged" in bench.notice()


def test_a_bug_in_one_job_is_told_and_the_next_one_is_done(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    def explode() -> Surroundings:
        raise RuntimeError("bug")

    bench.desktop.look_around = explode  # type: ignore[method-assign]  # the fake's own
    bench.jobs.take(Desk.LOOK_AROUND)
    assert bench.notice() == "That didn't work: RuntimeError('bug')"
    bench.jobs.take(SaveSettings((("endpoint.port", 8106),)))
    bench.jobs.close()
    assert "port = 8106" in bench.paths.settings_file.read_text()
    assert "RuntimeError: bug" in capsys.readouterr().err
