"""EndpointState -> the files of its picture, in assets/. Pillow is not needed to show them, and so is not loaded.

Invariant: a StateIcon's files are there, else it isn't made. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from tray.state import EndpointState

LARGEST = 64
"""Pixels of the biggest picture of a state, for those who make smaller ones of it themselves."""


class Look(StrEnum):
    """How a picture is drawn; the value is the end of its name in the icon theme."""

    COLOUR = ""  # white on a tile in the state's colour: for every background
    ON_LIGHT = "-on-light"  # dark, without a tile
    ON_DARK = "-on-dark"  # light, without a tile


@dataclass(frozen=True, slots=True)
class StateIcon:
    """One state's picture as files. It stands where pystray takes a Pillow image: of that, all its backends but macOS's
    (tray/mac_icon.py) only use `save`. Pillow would cost 4 MB and 18 ms.
    """

    state: EndpointState
    look: Look
    assets: Path

    @property
    def theme_name(self) -> str:
        """Its name in the icon theme, whose folder hicolor lies in `assets`."""
        return f"traypoint-{self.state.value}{self.look.value}"

    @property
    def description(self) -> str:
        """What a screen reader says for it."""
        return f"Traypoint: {self.state.value}"

    @property
    def png(self) -> Path:
        """The biggest picture, 64 × 64 pixels."""
        return self.assets / "hicolor" / f"{LARGEST}x{LARGEST}" / "status" / f"{self.theme_name}.png"

    @property
    def ico(self) -> Path:
        """For Windows: 16, 24, 32 and 48 pixels in one file, always on a tile."""
        return self.assets / "windows" / f"{self.state.value}.ico"

    @property
    def templates(self) -> tuple[Path, Path]:
        """For macOS: black, 18 points, at one and at two pixels a point."""
        folder = self.assets / "template"
        return folder / f"{self.state.value}.png", folder / f"{self.state.value}@2x.png"

    def save(self, file: BinaryIO, format: str) -> None:  # noqa: A002  pystray passes it by this name
        """Write the picture's bytes to `file`. `format`: "PNG" or "ICO". Raises OSError, ValueError."""
        kinds = {"PNG": self.png, "ICO": self.ico}
        if format not in kinds:
            raise ValueError(f"Traypoint's icons come as PNG and ICO, not as {format}")
        file.write(kinds[format].read_bytes())


def find_assets() -> Path:
    """The folder of pictures: inside the package where installed, beside it in the source tree.

    Raises FileNotFoundError when neither is there.
    """
    package = Path(__file__).parent
    for folder in (package / "_assets", package.parent / "assets"):
        if (folder / "hicolor").is_dir():
            return folder
    raise FileNotFoundError(f"Traypoint's icons are missing: neither {package / '_assets'} nor its parent's assets/")


def load_icon(state: EndpointState, look: Look = Look.COLOUR) -> StateIcon:
    """The picture of a state. Raises FileNotFoundError, which names the file, when the installation is incomplete."""
    icon = StateIcon(state, look, find_assets())
    for path in (icon.png, icon.ico, *icon.templates):
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: install Traypoint again")
    return icon
