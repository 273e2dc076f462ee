"""The pictures in assets/ are what render.py draws, can be told apart without colour, and seen on every panel."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from assets import render
from tray.icons import find_assets
from tray.state import EndpointState

ASSETS = find_assets()
PANELS = {"light": (0xEC, 0xEE, 0xF1), "dark": (0x30, 0x33, 0x38)}
"""Panels as desktops have them; a pure white and a pure black one are easier."""


def open_state(state: EndpointState, size: int, look: str = "") -> Image.Image:
    with Image.open(ASSETS / "hicolor" / f"{size}x{size}" / "status" / f"traypoint-{state}{look}.png") as file:
        return file.convert("RGBA")


@pytest.mark.parametrize("picture", list(render.list_pictures()), ids=lambda picture: picture.path)
def test_a_picture_is_as_render_draws_it(picture: render.Picture) -> None:
    with Image.open(ASSETS / picture.path) as file, Image.open(BytesIO(picture.encode())) as drawn:
        assert file.size == drawn.size
        # A grey level of room: another version of the renderer may round edges differently.
        difference = ImageStat.Stat(ImageChops.difference(file.convert("RGBA"), drawn.convert("RGBA")))
    assert max(difference.mean) < 1


def test_every_picture_there_is_drawn_by_render() -> None:
    drawn = {picture.path for picture in render.list_pictures()}
    there = {
        str(path.relative_to(ASSETS).as_posix())
        for kind in ("png", "ico", "icns")
        for path in ASSETS.rglob(f"*.{kind}")
    }
    assert there == drawn


def test_each_state_has_a_picture() -> None:
    assert set(render.TILES) == {state.value for state in EndpointState}


@pytest.mark.parametrize("look", ["", "-on-light", "-on-dark"])
@pytest.mark.parametrize("size", [16, 22])
def test_states_differ_in_shape_without_colour(look: str, size: int) -> None:
    """The tiles of two states may be of one brightness, so their signs alone are compared: a full pixel counts as 1."""
    signs = {state: sign_of(open_state(state, size, look), look) for state in EndpointState}
    for one, two in combinations(EndpointState, 2):
        distance = sum(ImageStat.Stat(ImageChops.difference(signs[one], signs[two])).sum) / 255
        assert distance >= 12, f"{one} and {two} differ by {distance:.1f} of {size * size} pixels only"


def sign_of(icon: Image.Image, look: str) -> Image.Image:
    """How much of each pixel is sign, in grey: its opacity, or on a tile how far its colour is on the way to white."""
    if look:
        return icon.getchannel("A")
    red, green, blue, _ = icon.split()
    darkest = ImageChops.darker(red, ImageChops.darker(green, blue))
    floor = darkest.getpixel((icon.width // 2, icon.height - 1))  # the tile's own edge
    assert isinstance(floor, int)
    return darkest.point(lambda level: max(0, round((level - floor) * 255 / (255 - floor))))


@pytest.mark.parametrize("state", EndpointState)
def test_the_sign_on_a_tile_is_seen_whatever_the_panel(state: EndpointState) -> None:
    assert contrast(rgb(render.TILES[state.value]), (255, 255, 255)) >= 4.5


@pytest.mark.parametrize("panel", PANELS)
def test_a_plain_sign_is_seen_on_its_panel(panel: str) -> None:
    assert contrast(rgb(render.INKS[panel]), PANELS[panel]) >= 7


def rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def contrast(one: tuple[int, int, int], two: tuple[int, int, int]) -> float:
    """WCAG's contrast ratio, 1 to 21; signs need 3."""
    darker, lighter = sorted((luminance(one), luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [level / 255 for level in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("state", EndpointState)
@pytest.mark.parametrize("scale", ["", "@2x"])
def test_a_template_is_black_and_transparent_as_macos_wants_it(state: EndpointState, scale: str) -> None:
    with Image.open(ASSETS / "template" / f"{state}{scale}.png") as file:
        icon = file.convert("RGBA")
    assert icon.size == ((36, 36) if scale else (18, 18))
    assert icon.getextrema()[:3] == ((0, 0), (0, 0), (0, 0))
    assert icon.getchannel("A").getextrema() == (0, 255)


def test_the_apps_icons_hold_the_sizes_that_their_systems_ask_for() -> None:
    with Image.open(ASSETS / "traypoint.ico") as windows, Image.open(ASSETS / "traypoint.icns") as mac:
        assert {16, 32, 48, 256} <= {width for width, _ in windows.info["sizes"]}
        assert {(16, 16, 2), (128, 128, 1), (512, 512, 2)} <= set(mac.info["sizes"])


def test_the_contact_sheet_is_small_enough_for_the_documentation() -> None:
    assert Path(ASSETS.parent, "docs", "images", "icons.png").stat().st_size < 100_000
