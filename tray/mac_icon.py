"""macOS: draws the icon as the menu bar wants it, as a template image of 18 points with both of its resolutions.

pystray scales one picture to the bar's thickness and shows its colours. A template is black with transparency; macOS
colours it for a light or dark bar, and inverts it under an open menu. Main thread, as everything of AppKit. Leans on
pystray 0.19's private names, which pyproject.toml pins.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

from tray.icons import StateIcon

POINTS = 18.0
"""Width and height. The bar is 22 points high or more; Apple's own icons leave it a margin."""


class Representation(Protocol):
    """NSImageRep"""

    def setSize_(self, points: tuple[float, float]) -> None: ...  # noqa: N802  AppKit's name


class Image(Protocol):
    """NSImage"""

    def initWithSize_(self, points: tuple[float, float]) -> Image: ...  # noqa: N802  AppKit's name

    def addRepresentation_(self, representation: Representation) -> None: ...  # noqa: N802  AppKit's name

    def setTemplate_(self, is_template: bool) -> None: ...  # noqa: N802  AppKit's name

    def setAccessibilityDescription_(self, text: str) -> None: ...  # noqa: N802  AppKit's name


class ImageClass(Protocol):
    """NSImage, the class."""

    def alloc(self) -> Image: ...


class RepresentationClass(Protocol):
    """NSImageRep, the class. None: the file can't be read as a picture."""

    def imageRepWithContentsOfFile_(self, path: str) -> Representation | None: ...  # noqa: N802  AppKit's name


class AppKit(Protocol):
    """The module."""

    @property
    def NSImage(self) -> ImageClass: ...  # noqa: N802  AppKit's name

    @property
    def NSImageRep(self) -> RepresentationClass: ...  # noqa: N802  AppKit's name


class Button(Protocol):
    """NSStatusBarButton"""

    def setImage_(self, image: Image) -> None: ...  # noqa: N802  AppKit's name


class StatusItem(Protocol):
    """NSStatusItem"""

    def button(self) -> Button: ...


class BarIcon(Protocol):
    """pystray's Icon of the darwin backend."""

    icon: StateIcon
    _icon_image: Image | None

    @property
    def _status_item(self) -> StatusItem: ...

    def _assert_image(self) -> None: ...


def use_templates(icon: BarIcon, appkit: AppKit | None = None) -> None:
    """From now on have pystray draw this icon from its template files. Call it once, on the main thread, before `run`.

    `appkit`: for tests; by default the real one, imported here.
    """
    module = appkit or cast(AppKit, importlib.import_module("AppKit"))

    def draw() -> None:
        # pystray clears _icon_image when the picture changes, and calls this whenever it needs one.
        if icon._icon_image is None:
            icon._icon_image = make_image(icon.icon, module)
            icon._status_item.button().setImage_(icon._icon_image)

    icon._assert_image = draw  # type: ignore[method-assign]  # pystray has no other way in


def make_image(picture: StateIcon, appkit: AppKit) -> Image:
    """An NSImage of this state. Raises FileNotFoundError, which names the file that can't be read."""
    size = (POINTS, POINTS)
    image = appkit.NSImage.alloc().initWithSize_(size)
    for path in picture.templates:
        image.addRepresentation_(_read(path, size, appkit))
    image.setTemplate_(True)
    image.setAccessibilityDescription_(picture.description)
    return image


def _read(path: Path, size: tuple[float, float], appkit: AppKit) -> Representation:
    """One file; its size in points, not its pixels, says that the bigger one is the sharper, not the larger."""
    representation = appkit.NSImageRep.imageRepWithContentsOfFile_(str(path))
    if representation is None:
        raise FileNotFoundError(f"{path} can't be read as a picture: install Traypoint again")
    representation.setSize_(size)
    return representation
