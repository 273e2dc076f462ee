"""The icons are what render.py draws, and can be told apart without colour."""

from __future__ import annotations

import importlib.util
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops, ImageStat

from tray.icons import find_assets, load_icon
from tray.state import EndpointState


def load_renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", find_assets() / "render.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("state", EndpointState)
def test_each_state_has_a_picture_as_render_draws_it(state: EndpointState) -> None:
    icon = load_icon(state)
    assert (icon.size, icon.mode) == ((64, 64), "RGBA")
    # A few grey levels of room: Pillow versions round edges differently.
    difference = ImageStat.Stat(ImageChops.difference(icon, load_renderer().render(state.value)))
    assert max(difference.mean) < 1


def test_states_differ_in_shape_at_the_size_of_a_small_panel() -> None:
    shapes = {state: white_shape(load_icon(state)) for state in EndpointState}
    for one, two in combinations(EndpointState, 2):
        changed = ImageChops.difference(shapes[one], shapes[two]).histogram()[255]
        assert changed >= 8, f"{one} and {two} differ in {changed} of 256 pixels only"


def white_shape(icon: Image.Image) -> Image.Image:
    """The white part at 16 × 16 pixels, black and white: what is left when colours don't help."""
    red, green, blue, _ = icon.resize((16, 16), Image.Resampling.LANCZOS).split()
    darkest = ImageChops.darker(red, ImageChops.darker(green, blue))
    return darkest.point(lambda level: 255 if level > 160 else 0)


def test_installed_pictures_are_found_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "tray" / "_assets"
    inside.mkdir(parents=True)
    (inside / "ready.png").touch()
    monkeypatch.setattr("tray.icons.__file__", str(tmp_path / "tray" / "icons.py"))
    assert find_assets() == inside


def test_missing_pictures_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tray.icons.__file__", str(tmp_path / "tray" / "icons.py"))
    with pytest.raises(FileNotFoundError, match="icons are missing"):
        find_assets()
