from __future__ import annotations

from collections.abc import Mapping

import pytest

from tray.screen import Backend, NoTray, find_backend, has_xembed_tray, wait_for_watcher


def yes(_env: Mapping[str, str]) -> bool:
    return True


def no(_env: Mapping[str, str]) -> bool:
    return False


def test_macos_and_windows_need_no_looking() -> None:
    assert find_backend({}, "darwin") is Backend.DARWIN
    assert find_backend({}, "win32") is Backend.WIN32


def test_without_a_screen_nothing_is_asked_of_the_bus() -> None:
    def never(_env: Mapping[str, str]) -> bool:
        raise AssertionError("asked")

    found = find_backend({}, "linux", never, never)
    assert isinstance(found, NoTray)
    assert "DISPLAY" in found.reason


@pytest.mark.parametrize("screen", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_panel_that_shows_indicators_is_preferred(screen: str) -> None:
    assert find_backend({screen: ":0"}, "linux", yes, yes) is Backend.APPINDICATOR


def test_an_old_tray_will_do() -> None:
    assert find_backend({"DISPLAY": ":0"}, "linux", no, yes) is Backend.GTK


def test_a_desktop_without_any_is_explained_with_what_gnome_needs() -> None:
    found = find_backend({"DISPLAY": ":0"}, "linux", no, no)
    assert isinstance(found, NoTray)
    assert "AppIndicator extension" in found.reason


def test_without_a_session_bus_there_is_no_watcher() -> None:
    assert not wait_for_watcher({"XDG_RUNTIME_DIR": "/nonexistent"}, timeout_s=0)


def test_without_an_x_display_there_is_no_old_tray() -> None:
    assert not has_xembed_tray({})
