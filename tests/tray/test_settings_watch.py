from __future__ import annotations

from pathlib import Path

from tests.tray.recorder import Recorder
from tray.actions import SettingsTouched
from tray.settings_watch import LOOK_S, SETTLE_S, SettingsWatch


def test_what_is_there_at_first_is_no_news_and_each_change_is_told_once(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    file.write_text("a")
    watch = SettingsWatch(file, reports.post)
    watch.look()
    assert reports.is_empty()
    file.write_text("other")
    for _ in range(3):
        watch.look()
    assert reports.wait_for(SettingsTouched) == SettingsTouched()
    assert reports.is_empty()


def test_a_file_that_comes_and_one_that_goes_is_a_change(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    watch = SettingsWatch(file, reports.post)
    file.write_text("a")
    for _ in range(2):
        watch.look()
    file.unlink()
    for _ in range(2):
        watch.look()
    assert [reports.wait_for(SettingsTouched) for _ in range(2)] == [SettingsTouched()] * 2


def test_a_file_that_is_being_written_is_told_of_once_it_is_whole(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    file.write_text("before")
    watch = SettingsWatch(file, reports.post)
    file.unlink()  # as vi does
    assert watch.look() == SETTLE_S
    file.write_text("")  # as an editor that writes in place does
    assert watch.look() == SETTLE_S
    file.write_text("after")
    assert watch.look() == SETTLE_S
    assert reports.is_empty()
    assert watch.look() == LOOK_S
    assert reports.wait_for(SettingsTouched) == SettingsTouched()
    assert reports.is_empty()


def test_the_thread_looks_by_itself_until_it_is_closed(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    watch = SettingsWatch(file, reports.post, look_s=0.001, settle_s=0.001)
    watch.start()
    file.write_text("a")
    reports.wait_for(SettingsTouched)
    watch.close()
