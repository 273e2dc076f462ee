# ruff: noqa: INP001  a script beside the pictures it makes, not a package
"""Draws the state icons: `python assets/render.py` writes assets/<state>.png, 64 × 64 pixels.

The shapes are those of icon.svg. Each state has a point of its own shape as well as a colour of its own: the colour
alone would say nothing to one man in twelve. Drawn eight times larger and reduced, so that edges are smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = 64
SCALE = 8
WHITE = "#ffffff"
STROKE = 7
CENTRE = (32.0, 24.0)
RADIUS = 13.0

Draw = ImageDraw.ImageDraw
Glyph = Callable[[Draw], None]


def box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    """Icon coordinates, 0 to 64, as drawing coordinates."""
    return (x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE)


def around(radius: float, x: float = CENTRE[0], y: float = CENTRE[1]) -> tuple[float, float, float, float]:
    """The box of a circle."""
    return box(x - radius, y - radius, x + radius, y + radius)


def draw_line(draw: Draw, points: list[tuple[float, float]]) -> None:
    """A white stroke with round ends and corners."""
    draw.line([(x * SCALE, y * SCALE) for x, y in points], fill=WHITE, width=STROKE * SCALE, joint="curve")
    for x, y in points:
        draw.ellipse(around(STROKE / 2, x, y), fill=WHITE)


def draw_tray(draw: Draw) -> None:
    """The tray under the point."""
    left = [_on_circle(18, 46, 6, angle) for angle in range(180, 89, -6)]
    right = [_on_circle(46, 46, 6, angle) for angle in range(90, -1, -6)]
    draw_line(draw, [(12, 38), *left, *right, (52, 38)])


def draw_ring(draw: Draw) -> None:
    """Stopped: an empty point."""
    draw.ellipse(around(RADIUS), outline=WHITE, width=5 * SCALE)


def draw_pie(draw: Draw) -> None:
    """Loading: a point that fills up."""
    draw.ellipse(around(RADIUS), outline=WHITE, width=3 * SCALE)
    draw.pieslice(around(RADIUS), -90, 45, fill=WHITE)


def draw_disc(draw: Draw) -> None:
    """Ready: the whole point."""
    draw.ellipse(around(RADIUS), fill=WHITE)


def draw_bars(draw: Draw) -> None:
    """Busy: three bars, as of a level meter."""
    for x, top in ((18, 20), (32, 10), (46, 16)):
        draw_line(draw, [(x, top), (x, 32)])


def draw_bar(draw: Draw) -> None:
    """Stopping: a bar, as of a no-entry sign."""
    draw_line(draw, [(21, 24), (43, 24)])


def draw_cross(draw: Draw) -> None:
    """Failed."""
    draw_line(draw, [(22, 14), (42, 34)])
    draw_line(draw, [(42, 14), (22, 34)])


def draw_exclamation(draw: Draw) -> None:
    """Wedged: it needs a look."""
    draw_line(draw, [(32, 10), (32, 24)])
    draw.ellipse(around(4.5, 32, 36), fill=WHITE)


LOOKS: dict[str, tuple[str, Glyph]] = {
    "stopped": ("#6b7280", draw_ring),
    "loading": ("#2563eb", draw_pie),
    "ready": ("#15803d", draw_disc),
    "busy": ("#0e7490", draw_bars),
    "stopping": ("#6b7280", draw_bar),
    "failed": ("#b91c1c", draw_cross),
    "wedged": ("#b45309", draw_exclamation),
}
"""State -> tile colour and point."""


def render(state: str) -> Image.Image:
    """The icon of a state, 64 × 64, RGBA."""
    colour, glyph = LOOKS[state]
    image = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, SIZE * SCALE - 1, SIZE * SCALE - 1), radius=14 * SCALE, fill=colour)
    draw_tray(draw)
    glyph(draw)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def render_all(folder: Path) -> Iterator[Path]:
    """Write every icon into `folder`."""
    for state in LOOKS:
        target = folder / f"{state}.png"
        render(state).save(target, optimize=True)
        yield target


def _on_circle(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return (x + radius * math.cos(angle), y + radius * math.sin(angle))


if __name__ == "__main__":
    for written in render_all(Path(__file__).parent):
        print(written)  # noqa: T201  a script that says what it wrote
