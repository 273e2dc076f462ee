# ruff: noqa: INP001  a script beside the pictures that it shows, not a package
"""Shows every icon on one picture, on a light and on a dark panel: `python assets/contact_sheet.py [target]`.

Made of the files as they are, not drawn anew: what is seen is what is shipped. Writes docs/images/icons.png by default.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

HERE = Path(__file__).parent
TARGET = HERE.parent / "docs" / "images" / "icons.png"
STATES = ("stopped", "loading", "ready", "busy", "stopping", "failed", "wedged")
PANELS = {"light": ("#eceef1", "#2a2e33"), "dark": ("#25282d", "#f2f4f6")}
"""Panel -> its own colour, and the captions'."""

COLUMN = 78
LEFT = 86
HALF = LEFT + len(STATES) * COLUMN
ROWS = (
    "enlarged 16",
    "64",
    "48",
    "32",
    "24",
    "22",
    "16",
    "plain 48",
    "plain 24",
    "plain 22",
    "plain 16",
    "template 36",
    "template 18",
)
APP_SIZES = (128, 64, 48, 32, 24, 22, 16)
GAP = 14


def draw_sheet() -> Image.Image:
    """Both halves, with the app's icon below; RGB."""
    halves = [draw_half(panel) for panel in PANELS]
    app = draw_app_row()
    sheet = Image.new("RGB", (2 * HALF, halves[0].height + app.height))
    for number, half in enumerate(halves):
        sheet.paste(half, (number * HALF, 0))
    sheet.paste(app, (0, halves[0].height))
    return sheet


def draw_half(panel: str) -> Image.Image:
    """All states in all looks on one panel, a look a row."""
    ground, ink = PANELS[panel]
    rows = [(caption, [load(caption, state, panel) for state in STATES]) for caption in ROWS]
    half = Image.new("RGBA", (HALF, 40 + sum(pictures[0].height + GAP for _, pictures in rows)), ground)
    draw = ImageDraw.Draw(half)
    font = ImageFont.load_default(12)
    for column, state in enumerate(STATES):
        draw.text((LEFT + column * COLUMN + COLUMN // 2, 16), state, fill=ink, font=font, anchor="mm")
    top = 34
    for caption, pictures in rows:
        draw.text((12, top + pictures[0].height // 2), caption, fill=ink, font=font, anchor="lm")
        for column, picture in enumerate(pictures):
            half.alpha_composite(picture, (LEFT + column * COLUMN + (COLUMN - picture.width) // 2, top))
        top += pictures[0].height + GAP
    return half


def load(caption: str, state: str, panel: str) -> Image.Image:
    """The picture of a state in the look that a row's caption names; RGBA."""
    look, _, size = caption.rpartition(" ")
    if look == "plain":
        return _open(f"hicolor/{size}x{size}/status/traypoint-{state}-on-{panel}.png")
    if look == "template":
        picture = _open(f"template/{state}{'@2x' if size == '36' else ''}.png")
        return _invert(picture) if panel == "dark" else picture  # as macOS does
    if look == "enlarged":
        small = _open(f"hicolor/16x16/status/traypoint-{state}.png")
        return small.resize((64, 64), Image.Resampling.NEAREST)
    return _open(f"hicolor/{size}x{size}/status/traypoint-{state}.png")


def draw_app_row() -> Image.Image:
    """The app's icon in its sizes, half of them over each panel."""
    row = Image.new("RGBA", (2 * HALF, APP_SIZES[0] + 2 * GAP), PANELS["light"][0])
    row.paste(PANELS["dark"][0], (HALF, 0, 2 * HALF, row.height))
    for start in (0, HALF):
        left = start + GAP
        for size in APP_SIZES:
            icon = _open(f"hicolor/{size}x{size}/apps/traypoint.png")
            row.alpha_composite(icon, (left, GAP + APP_SIZES[0] - size))
            left += size + GAP
    return row


def _open(path: str) -> Image.Image:
    with Image.open(HERE / path) as file:
        return file.convert("RGBA")


def _invert(picture: Image.Image) -> Image.Image:
    red, green, blue, alpha = picture.split()
    return Image.merge("RGBA", (*(ImageOps.invert(band) for band in (red, green, blue)), alpha))


def main() -> int:
    """Write the sheet to the path given, or among the documentation's pictures."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    draw_sheet().convert("P", palette=Image.Palette.ADAPTIVE, colors=256).save(target, optimize=True)
    print(target)  # noqa: T201  a script that says what it wrote
    return 0


if __name__ == "__main__":
    sys.exit(main())
