from __future__ import annotations

from pathlib import Path

from tests.tray.recorder import Recorder
from tray.actions import SettingsTouched
from tray.settings_watch import SettingsWatch


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


def test_a_file_that_comes_and_goes_is_a_change(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    watch = SettingsWatch(file, reports.post)
    file.write_text("a")
    watch.look()
    file.unlink()
    watch.look()
    assert [reports.wait_for(SettingsTouched) for _ in range(2)] == [SettingsTouched()] * 2


def test_the_thread_looks_by_itself_until_it_is_closed(tmp_path: Path) -> None:
    file, reports = tmp_path / "settings.toml", Recorder()
    watch = SettingsWatch(file, reports.post, look_s=0.001)
    watch.start()
    file.write_text("a")
    reports.wait_for(SettingsTouched)
    watch.close()
