"""A real panel shows the picture that was drawn for its size, pixel for pixel, and not a scaled one."""

from __future__ import annotations

import sys

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.desktop.panel import READY_GREEN, Panel
from tests.desktop.session import HERE, Desktop
from tray.icons import find_assets

pytestmark = pytest.mark.desktop

SIZE = 22
"""Pixels of an icon in Xfce's panel."""


def test_the_panel_shows_the_picture_drawn_for_its_size(panel_desktop: Desktop) -> None:
    panel = Panel(panel_desktop)
    panel.start()
    panel_desktop.start([sys.executable, str(HERE / "themed_icon.py"), "ready"])
    x, y = panel.find_icon(READY_GREEN)
    with Image.open(find_assets() / f"hicolor/{SIZE}x{SIZE}/status/traypoint-ready.png") as file:
        drawn = file.convert("RGBA")
    screen = panel.photograph()
    corners = [(x - SIZE // 2 + right, y - SIZE // 2 + down) for right in range(-4, 5) for down in range(-4, 5)]
    assert any(is_shown_at(corner, drawn, screen) for corner in corners)


def is_shown_at(corner: tuple[int, int], drawn: Image.Image, screen: Image.Image) -> bool:
    """Whether the opaque pixels of `drawn` are on the screen from this corner on; a level or two for the panel's own
    arithmetic.
    """
    left, top = corner
    if left < 0 or top < 0:
        return False
    shown = screen.crop((left, top, left + drawn.width, top + drawn.height))
    difference = ImageChops.difference(shown, drawn.convert("RGB"))
    opaque = drawn.getchannel("A").point(lambda alpha: 255 if alpha == 255 else 0)
    difference.paste((0, 0, 0), mask=ImageChops.invert(opaque))
    return max(high for _, high in ImageStat.Stat(difference).extrema) <= 2
