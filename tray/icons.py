"""EndpointState -> the icon's picture, from assets/. Pillow is imported only when a picture is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tray.state import EndpointState

if TYPE_CHECKING:
    from PIL.Image import Image


def find_assets() -> Path:
    """The folder of pictures: inside the package where installed, beside it in the source tree.

    Raises FileNotFoundError when neither is there.
    """
    package = Path(__file__).parent
    for folder in (package / "_assets", package.parent / "assets"):
        if (folder / "ready.png").is_file():
            return folder
    raise FileNotFoundError(f"Traypoint's icons are missing: neither {package / '_assets'} nor its parent's assets/")


def load_icon(state: EndpointState) -> Image:
    """The picture of a state, 64 × 64 pixels, RGBA. Raises FileNotFoundError."""
    from PIL import Image

    with Image.open(find_assets() / f"{state.value}.png") as file:
        return file.convert("RGBA")
