# ruff: noqa: INP001  a script beside the pictures it makes, not a package
"""Draws every icon anew from drawings/ and icon.svg: `python assets/render.py`, with the group `test` installed.

A sheet in drawings/ holds a tile, a tray and one sign a state as <symbol>s on one grid, so that what is meant to lie on
a whole pixel does at the sizes drawn from it. What is written:

hicolor/<n>x<n>/   an icon theme's folders: status/ has the states on coloured tiles, and plain ones for light and for
                   dark panels; apps/ has the app's icon
template/          states in black, which macOS colours itself; 18 points, so 18 and 36 pixels
windows/           states as .ico; traypoint.ico and traypoint.icns are the app's
"""

from __future__ import annotations

import io
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import resvg_py
from PIL import Image

HERE = Path(__file__).parent
SVG = "{http://www.w3.org/2000/svg}"

TILES = {
    "stopped": "#6b7280",
    "loading": "#2563eb",
    "ready": "#15803d",
    "busy": "#0e7490",
    "stopping": "#6b7280",
    "failed": "#b91c1c",
    "wedged": "#b45309",
}
"""State -> the colour of its tile. White on each of them has a contrast of 4.5 : 1 or more."""

INKS = {"light": "#2a2e33", "dark": "#f2f4f6"}
"""The brightness of a panel -> what is drawn on it."""

SIZES = (16, 22, 24, 32, 48, 64)
APP_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48)
APP_ICO_SIZES = (16, 24, 32, 48, 64, 256)
ICNS_SIZES = (32, 64, 128, 256, 512, 1024)
BLACK = "#000000"
SIGN_GRID = 18
"""The sheet without tiles."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One file to write: where, relative to assets/, and how to draw the image in it, or each of several sizes."""

    path: str
    drawers: tuple[Callable[[], Image.Image], ...]

    def encode(self) -> bytes:
        """The file's content, in the format that its name says."""
        images = [draw() for draw in self.drawers]
        kind = Path(self.path).suffix.removeprefix(".").upper()
        buffer = io.BytesIO()
        if kind == "PNG":
            images[0].save(buffer, kind, optimize=True)
        else:
            images[-1].save(buffer, kind, sizes=[image.size for image in images], append_images=images[:-1])
        return buffer.getvalue()


def list_pictures() -> Iterator[Picture]:
    """Every file that is drawn."""
    for state in TILES:
        yield from _list_state(state)
    for size in APP_SIZES:
        yield Picture(f"hicolor/{size}x{size}/apps/traypoint.png", (partial(draw_app, size),))
    yield Picture("traypoint.ico", tuple(partial(draw_app, size) for size in APP_ICO_SIZES))
    yield Picture("traypoint.icns", tuple(partial(draw_padded_app, size) for size in ICNS_SIZES))


def _list_state(state: str) -> Iterator[Picture]:
    for size in SIZES:
        name = f"hicolor/{size}x{size}/status/traypoint-{state}"
        yield Picture(f"{name}.png", (partial(draw_tile, state, size),))
        for panel, ink in INKS.items():
            yield Picture(f"{name}-on-{panel}.png", (partial(draw_sign, state, size, ink),))
    yield Picture(f"template/{state}.png", (partial(draw_sign, state, 18, BLACK),))
    yield Picture(f"template/{state}@2x.png", (partial(draw_sign, state, 36, BLACK),))
    yield Picture(f"windows/{state}.ico", tuple(partial(draw_tile, state, size) for size in ICO_SIZES))


def draw_tile(state: str, size: int) -> Image.Image:
    """A state on its coloured tile; RGBA, `size` pixels square."""
    grid, margin = _choose_grid(size)
    return _raster(_compose(grid, margin, (("tile", TILES[state]), ("tray", "#ffffff"), (state, "#ffffff"))), size)


def draw_sign(state: str, size: int, ink: str) -> Image.Image:
    """A state without a tile, in one colour; RGBA, `size` pixels square, where a unit is a whole number of them."""
    pixels_per_unit = max(1, round(size / 20))
    margin = (size / pixels_per_unit - SIGN_GRID) / 2
    return _raster(_compose(SIGN_GRID, margin, (("tray", ink), (state, ink))), size)


def draw_app(size: int) -> Image.Image:
    """The app's icon; RGBA, `size` pixels square."""
    if size < 48:
        return draw_tile("ready", size)
    return _raster((HERE / "icon.svg").read_text(encoding="utf-8"), size)


def draw_padded_app(size: int) -> Image.Image:
    """As `draw_app`, with the margin that macOS wants around its icons: a tenth on each side."""
    margin = round(size / 10)
    image = Image.new("RGBA", (size, size))
    image.paste(draw_app(size - 2 * margin), (margin, margin))
    return image


def _choose_grid(size: int) -> tuple[int, float]:
    """The sheet whose grid fits, and how much margin to leave around it, in its units."""
    if size in (22, 24):
        return 22, (size - 22) / 2
    return (16 if size in (16, 32) else 64), 0


def _compose(grid: int, margin: float, parts: tuple[tuple[str, str], ...]) -> str:
    """An SVG of some symbols of a sheet, each in one colour, bottom first."""
    sheet = ET.parse(HERE / "drawings" / f"{grid}.svg").getroot()  # noqa: S314  our own file
    symbols = {symbol.get("id"): symbol for symbol in sheet.iter(f"{SVG}symbol")}
    side = grid + 2 * margin
    picture = ET.Element(f"{SVG}svg", {"viewBox": f"{-margin} {-margin} {side} {side}"})
    for name, colour in parts:
        layer = ET.SubElement(picture, f"{SVG}g", {"fill": colour, "stroke": colour})
        attributes = {key: value for key, value in symbols[name].items() if key != "id"}
        ET.SubElement(layer, f"{SVG}g", attributes).extend(symbols[name])
    return ET.tostring(picture, encoding="unicode")


def _raster(svg: str, size: int) -> Image.Image:
    with Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size))) as drawn:
        return drawn.convert("RGBA")


def main() -> int:
    """Write all of them."""
    for picture in list_pictures():
        target = HERE / picture.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture.encode())
        print(target)  # noqa: T201  a script that says what it wrote
    return 0


if __name__ == "__main__":
    sys.exit(main())
