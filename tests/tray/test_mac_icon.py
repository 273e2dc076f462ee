"""The menu bar's image, with a hand-written AppKit: what would be set on a Mac."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import pytest

from tray.icons import StateIcon, load_icon
from tray.mac_icon import Image, Representation, make_image, use_templates
from tray.state import EndpointState


@dataclass
class FakeRepresentation:
    path: str
    points: tuple[float, float] = (0, 0)

    def setSize_(self, points: tuple[float, float]) -> None:  # noqa: N802  AppKit's name
        self.points = points


@dataclass
class FakeImage:
    points: tuple[float, float] = (0, 0)
    representations: list[Representation] = field(default_factory=list)
    is_template: bool = False
    description: str = ""

    def initWithSize_(self, points: tuple[float, float]) -> Self:  # noqa: N802  AppKit's name
        self.points = points
        return self

    def addRepresentation_(self, representation: Representation) -> None:  # noqa: N802  AppKit's name
        self.representations.append(representation)

    def setTemplate_(self, is_template: bool) -> None:  # noqa: N802  AppKit's name
        self.is_template = is_template

    def setAccessibilityDescription_(self, text: str) -> None:  # noqa: N802  AppKit's name
        self.description = text


class FakeImageClass:
    def alloc(self) -> Image:
        return FakeImage()


class FakeRepresentationClass:
    def imageRepWithContentsOfFile_(self, path: str) -> Representation | None:  # noqa: N802  AppKit's name
        return FakeRepresentation(path) if Path(path).is_file() else None


class FakeAppKit:
    def __init__(self) -> None:
        self.NSImage = FakeImageClass()
        self.NSImageRep = FakeRepresentationClass()


class FakeButton:
    def __init__(self) -> None:
        self.images: list[Image] = []

    def setImage_(self, image: Image) -> None:  # noqa: N802  AppKit's name
        self.images.append(image)


class FakeStatusItem:
    def __init__(self) -> None:
        self.the_button = FakeButton()

    def button(self) -> FakeButton:
        return self.the_button


class FakeIcon:
    """pystray's icon: it forgets its image when the picture changes, and asserts it when it is to be seen."""

    def __init__(self, icon: StateIcon) -> None:
        self.icon = icon
        self._icon_image: Image | None = None
        self._status_item = FakeStatusItem()

    def _assert_image(self) -> None:
        raise AssertionError("pystray's own way needs a Pillow image")

    def show(self, icon: StateIcon) -> None:
        self.icon, self._icon_image = icon, None
        self._assert_image()
        self._assert_image()


def test_the_image_is_a_template_of_18_points_with_both_resolutions() -> None:
    picture = load_icon(EndpointState.BUSY)
    image = make_image(picture, FakeAppKit())
    assert image == FakeImage(
        points=(18, 18),
        representations=[FakeRepresentation(str(path), (18, 18)) for path in picture.templates],
        is_template=True,
        description="Traypoint: busy",
    )


def test_the_button_gets_one_image_for_each_change() -> None:
    icon = FakeIcon(load_icon(EndpointState.STOPPED))
    use_templates(icon, FakeAppKit())
    icon.show(load_icon(EndpointState.LOADING))
    icon.show(load_icon(EndpointState.READY))
    images = icon._status_item.the_button.images
    assert [image.description for image in images if isinstance(image, FakeImage)] == [
        "Traypoint: loading",
        "Traypoint: ready",
    ]


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    picture = replace(load_icon(EndpointState.BUSY), assets=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"busy\.png can't be read"):
        make_image(picture, FakeAppKit())
