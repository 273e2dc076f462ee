"""A real xfce4-panel on the virtual screen: finds the icon by its pixels, clicks it, photographs the screen."""

from __future__ import annotations

import subprocess
from pathlib import Path

from PIL import Image, ImageChops

from tests.desktop.session import Desktop, wait_until

READY_GREEN = (0x15, 0x80, 0x3D)
STOPPED_GREY = (0x6B, 0x72, 0x80)
"""Tile colours in assets/render.py."""
PANEL_HEIGHT = 34  # pixels, at the top of the screen
PANEL_XML = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=512;y=16"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"/></property>
</channel>
"""

TOOLS = ("Xvfb", "dbus-daemon", "openbox", "xfce4-panel", "xdotool", "import")


class Panel:
    """The panel of a desktop; start it before the app."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.is_first_menu = True  # until a submenu is open: there the keyboard stands before the first line
        folder = Path(desktop.env["XDG_CONFIG_HOME"], "xfce4", "xfconf", "xfce-perchannel-xml")
        folder.mkdir(parents=True)
        (folder / "xfce4-panel.xml").write_text(PANEL_XML)

    def start(self) -> None:
        """Window manager and panel; returns when the panel is drawn."""
        self._desktop.start(["openbox"])
        self._desktop.start(["xfce4-panel", "--disable-wm-check"])
        wait_until(self._is_drawn, "a drawn panel")

    def paint_background(self, colour: str) -> None:
        """Fill the screen behind everything."""
        from Xlib.display import Display  # type: ignore[import-untyped]  # no types; not there on other systems

        display = Display(self._desktop.env["DISPLAY"])
        root = display.screen().root
        root.change_attributes(background_pixel=int(colour.removeprefix("#"), 16))
        root.clear_area()
        display.close()

    def find_icon(self, colour: tuple[int, int, int]) -> tuple[int, int]:
        """The centre of the icon with this tile colour, once it is there."""
        return wait_until(lambda: self._find_colour(colour), f"an icon of colour {colour} in the panel")

    def open_menu(self, at: tuple[int, int]) -> Image.Image:
        """Click the icon; the screen once a menu is open and has stopped changing."""
        before = self.photograph()
        self._run("xdotool", "mousemove", str(at[0]), str(at[1]), "click", "1")
        wait_until(lambda: _differs_below_panel(before, self.photograph()), "an open menu")
        return self.wait_until_still()

    def wait_until_still(self) -> Image.Image:
        """The screen once it has stopped changing."""
        return wait_until(self._settled, "a still screen")

    def press(self, key: str) -> None:
        """Press a key in the open menu."""
        self._run("xdotool", "key", key)

    def photograph(self) -> Image.Image:
        """The whole screen, RGB."""
        target = self._desktop.home / "screen.png"
        self._run("import", "-window", "root", str(target))
        with Image.open(target) as image:
            return image.convert("RGB")

    def _settled(self) -> Image.Image | None:
        first, second = self.photograph(), self.photograph()
        return second if ImageChops.difference(first, second).getbbox() is None else None

    def _is_drawn(self) -> bool:
        strip = self.photograph().crop((0, 0, 1024, PANEL_HEIGHT - 4))
        return strip.getextrema() != ((0, 0), (0, 0), (0, 0))

    def _find_colour(self, colour: tuple[int, int, int], tolerance: int = 12) -> tuple[int, int] | None:
        strip = self.photograph().crop((0, 0, 1024, PANEL_HEIGHT))
        pixels = strip.load()
        assert pixels
        hits = [
            (x, y)
            for y in range(strip.height)
            for x in range(strip.width)
            if all(abs(a - b) <= tolerance for a, b in zip(pixels[x, y], colour, strict=True))  # type: ignore[arg-type]  # RGB
        ]
        if len(hits) < 20:
            return None
        return sum(x for x, _ in hits) // len(hits), sum(y for _, y in hits) // len(hits)

    def _run(self, *argv: str) -> None:
        subprocess.run(argv, env=self._desktop.env, check=True, timeout=20, capture_output=True)


def _differs_below_panel(before: Image.Image, after: Image.Image) -> bool:
    box = ImageChops.difference(before, after).getbbox()
    return box is not None and box[3] > PANEL_HEIGHT + 40
