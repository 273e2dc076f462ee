"""The icon with a fake toolkit: what is drawn, when, and that clicks become actions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import ModuleType

import pytest

from tray.actions import Change, Click, UserAction
from tray.screen import Backend, NoTray
from tray.shell import TrayShell, escape_label, escape_update, load_toolkit
from tray.state import AppState, EndpointState, Failure
from tray.toolkit import NativeIcon, NativeMenu

STOPPED = AppState()
READY = replace(STOPPED, endpoint=EndpointState.READY, model="m")


class FakeLine:
    def __init__(
        self,
        text: str,
        action: object,
        *,
        enabled: bool,
        default: bool,
        checked: Callable[[object], bool] | None,
        radio: bool,
    ) -> None:
        self.text, self.action = text, action
        self.enabled, self.default = enabled, default
        self.checked, self.radio = checked, radio

    def __str__(self) -> str:
        return f"[{'x' if self.enabled else ' '}]{'*' if self.default else ' '}{self.text}"

    @property
    def mark(self) -> str:
        if self.checked is None:
            return ""
        return f"{'radio' if self.radio else 'box'} {'on' if self.checked(self) else 'off'}"

    def click(self) -> None:
        assert callable(self.action)
        self.action()


class FakeMenu:
    SEPARATOR = "-"

    def __init__(self, *lines: object) -> None:
        self.items: Iterable[object] = lines


class FakeIcon:
    """Counts what is set; `run` calls back at once, as a toolkit does once the icon is there."""

    def __init__(self, name: str, icon: object, title: str, menu: NativeMenu) -> None:
        self.visible = False
        self.history: list[str] = []
        self.icon, self.title, self.menu = icon, title, menu
        self.history.clear()
        self.is_stopped = False

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("icon", "title", "menu"):
            self.history.append(name)
        super().__setattr__(name, value)

    def run(self, setup: Callable[[NativeIcon], None]) -> None:
        setup(self)

    def stop(self) -> None:
        self.is_stopped = True

    def notify(self, message: str, title: str) -> None:
        self.history.append(f"{title}: {message}")


class FakeToolkit:
    Icon = FakeIcon
    Menu = FakeMenu
    MenuItem = FakeLine


class Bench:
    def __init__(self) -> None:
        self.clicked: list[Click] = []
        # The Windows way needs no main loop: work is done where it is asked for.
        self.shell = TrayShell(FakeToolkit(), Backend.WIN32, self.clicked.append, STOPPED)  # type: ignore[arg-type]  # a fake's attributes are its classes

    @property
    def icon(self) -> FakeIcon:
        icon = self.shell._icon
        assert isinstance(icon, FakeIcon)
        return icon

    def menu(self) -> list[str]:
        return [str(line) for line in self.icon.menu.items]

    def lines(self, menu: FakeMenu | None = None) -> Iterator[FakeLine]:
        """All of them, those in submenus too."""
        for line in (menu or self.icon.menu).items:
            if isinstance(line, FakeLine):
                yield line
                if isinstance(line.action, FakeMenu):
                    yield from self.lines(line.action)

    def find(self, label: str) -> FakeLine:
        return next(line for line in self.lines() if line.text == label)

    def click(self, label: str) -> None:
        self.find(label).click()


def test_the_first_menu_is_that_of_the_first_state() -> None:
    assert Bench().menu()[:4] == ["[ ] ○ Stopped · starter · llama.cpp", "-", "[x]*Start", "[ ] Stop"]


def test_running_shows_the_icon_then_tells() -> None:
    bench, told = Bench(), []
    bench.shell.run(lambda: told.append(bench.icon.visible), lambda: told.append(False))
    assert told == [False, True]  # signals are armed again first


def test_a_click_becomes_an_action_and_an_informing_line_none() -> None:
    bench = Bench()
    bench.click("Start")
    bench.click("Quit")
    bench.click("○ Stopped · starter · llama.cpp")
    assert bench.clicked == [UserAction.START, UserAction.QUIT]


def test_submenus_radios_and_boxes_become_the_toolkits() -> None:
    bench = Bench()
    bench.click("8k tokens")
    bench.click("Notifications")
    assert bench.clicked == [Change((('model."starter".ctx_size', 8192),)), Change((("app.notifications", False),))]
    assert [bench.find(label).mark for label in ("As memory allows", "8k tokens", "Notifications")] == [
        "radio on",
        "radio off",
        "box on",
    ]


def test_a_quit_icon_is_hidden_and_can_come_back() -> None:
    bench = Bench()
    bench.shell.run(lambda: None, lambda: None)
    bench.shell.show(replace(READY, is_hidden=True))
    assert not bench.icon.visible
    bench.shell.show(READY)
    assert bench.icon.visible


def test_a_notification_is_the_toolkits_and_one_that_fails_is_let_go() -> None:
    bench = Bench()
    bench.shell.notify("Traypoint is ready", "m")
    assert bench.icon.history == ["Traypoint is ready: m"]

    def refuse(message: str, title: str) -> None:
        raise RuntimeError("no notification service")

    bench.icon.notify = refuse  # type: ignore[method-assign]  # the fake's own
    bench.shell.notify("Traypoint is ready", "m")


def test_a_new_state_changes_picture_tooltip_and_menu() -> None:
    bench = Bench()
    bench.shell.show(READY)
    assert bench.icon.history == ["icon", "title", "menu"]
    assert bench.icon.title == "Traypoint: ● Ready · m · llama.cpp · localhost:8001/v1"
    assert bench.menu()[2:4] == ["[ ] Start", "[x] Stop"]


def test_a_state_that_looks_the_same_touches_nothing() -> None:
    bench = Bench()
    loading = replace(STOPPED, endpoint=EndpointState.LOADING, progress=0.41)
    bench.shell.show(loading)
    bench.icon.history.clear()
    bench.shell.show(replace(loading, progress=0.42))
    assert bench.icon.history == []


def test_only_the_menu_is_redrawn_for_a_notice() -> None:
    bench = Bench()
    bench.shell.show(replace(STOPPED, notice="Copied"))
    assert bench.icon.history == ["menu"]


def test_clicks_hit_the_right_line_after_the_menu_has_grown() -> None:
    bench = Bench()
    bench.shell.show(replace(STOPPED, endpoint=EndpointState.FAILED, failure=Failure("no", "do this")))
    bench.click("Start")
    assert bench.clicked == [UserAction.START]


def test_closing_stops_the_icon_and_tolerates_a_toolkit_that_is_gone() -> None:
    bench = Bench()
    bench.shell.close()
    assert bench.icon.is_stopped

    def gone() -> None:
        raise RuntimeError("no notification service")

    bench.icon.stop = gone  # type: ignore[method-assign]  # the fake's own
    bench.shell.close()


def test_an_error_after_the_icon_was_shown_is_tolerated_and_one_before_is_not() -> None:
    bench = Bench()

    def fail_late(setup: Callable[[NativeIcon], None]) -> None:
        setup(bench.icon)
        raise RuntimeError("GLib.GError")

    def fail_early(setup: Callable[[NativeIcon], None]) -> None:
        raise RuntimeError("no tray")

    bench.icon.run = fail_late  # type: ignore[method-assign]  # the fake's own
    bench.shell.run(lambda: None, lambda: None)
    bench.icon.run = fail_early  # type: ignore[method-assign]  # the fake's own
    with pytest.raises(RuntimeError, match="no tray"):
        bench.shell.run(lambda: None, lambda: None)


def test_shortcut_marks_are_escaped_where_they_would_be_swallowed() -> None:
    assert escape_label("a_b & c", Backend.WIN32) == "a_b && c"
    assert escape_label("a_b & c", Backend.APPINDICATOR) == "a_b & c"
    assert escape_update("a_b", Backend.APPINDICATOR) == "a__b"
    assert escape_update("a_b", Backend.GTK) == "a_b"


def test_a_toolkit_that_cannot_be_loaded_is_a_reason_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> ModuleType:
        assert os.environ["PYSTRAY_BACKEND"] == "appindicator"
        raise ValueError("Namespace AyatanaAppIndicator3 not available")

    monkeypatch.setattr("importlib.import_module", refuse)
    monkeypatch.delenv("PYSTRAY_BACKEND", raising=False)
    found = load_toolkit(Backend.APPINDICATOR)
    assert isinstance(found, NoTray)
    assert "AyatanaAppIndicator3 not available" in found.reason
    assert "install python3-gi" in found.reason
    assert "PYSTRAY_BACKEND" not in os.environ
