from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from tray.icons import Look, find_assets, load_icon
from tray.state import EndpointState


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("state", EndpointState)
def test_each_state_has_all_of_its_files_in_every_look(state: EndpointState, look: Look) -> None:
    icon = load_icon(state, look)
    assert icon.theme_name == f"traypoint-{state}{look}"
    assert icon.png.is_file()


def test_an_icon_saves_itself_as_pystray_asks_it_to() -> None:
    icon, png, ico = load_icon(EndpointState.READY), BytesIO(), BytesIO()
    icon.save(png, "PNG")
    icon.save(ico, format="ICO")
    assert png.getvalue() == icon.png.read_bytes()
    assert ico.getvalue() == icon.ico.read_bytes()


def test_a_format_that_there_is_no_file_of_is_refused() -> None:
    with pytest.raises(ValueError, match="not as JPEG"):
        load_icon(EndpointState.READY).save(BytesIO(), "JPEG")


def test_showing_an_icon_loads_no_pillow() -> None:
    program = (
        "import io, sys\nfrom tray.icons import load_icon\nfrom tray.state import EndpointState\n"
        "load_icon(EndpointState.READY).save(io.BytesIO(), 'PNG')\nassert 'PIL' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_installed_pictures_are_found_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "tray" / "_assets"
    (inside / "hicolor").mkdir(parents=True)
    monkeypatch.setattr("tray.icons.__file__", str(tmp_path / "tray" / "icons.py"))
    assert find_assets() == inside


def test_missing_pictures_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tray.icons.__file__", str(tmp_path / "tray" / "icons.py"))
    with pytest.raises(FileNotFoundError, match="icons are missing"):
        find_assets()
    (tmp_path / "assets" / "hicolor").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=r"traypoint-busy\.png is missing: install Traypoint again"):
        load_icon(EndpointState.BUSY)
