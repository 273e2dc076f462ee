"""The real app in a real xfce4-panel, seen and clicked as a person would."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from tests.desktop.panel import READY_GREEN, STOPPED_GREY, Panel
from tests.desktop.session import PATIENCE_S, Desktop

pytestmark = pytest.mark.desktop

FAKE = ("--port", "0", "--provider", "fake", "--model", "echo")


@pytest.fixture
def panel(panel_desktop: Desktop) -> Panel:
    made = Panel(panel_desktop)
    made.start()
    return made


def test_a_click_opens_the_menu_under_the_icon(panel: Panel, panel_desktop: Desktop) -> None:
    panel_desktop.start_traypoint(*FAKE)
    at = panel.find_icon(READY_GREEN)
    before = panel.photograph()
    box = ImageChops.difference(before, panel.open_menu(at)).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert left <= at[0] <= right
    assert top < 60
    assert right - left > 200
    assert bottom - top > 120


def test_the_icon_changes_with_the_state_and_quit_by_keyboard_ends_the_app(
    panel: Panel, panel_desktop: Desktop
) -> None:
    app = panel_desktop.start_traypoint(*FAKE)
    panel.open_menu(panel.find_icon(READY_GREEN))
    panel.press("Down")  # over what can't be clicked to the first line that can: Stop
    panel.press("Return")
    panel.open_menu(panel.find_icon(STOPPED_GREY))
    panel.press("Up")  # from the end: Quit
    panel.press("Return")
    assert app.wait(PATIENCE_S) == 0
