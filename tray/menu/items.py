"""A line of the menu, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tray.actions import Click
from tray.printable import make_printable

MAX_LABEL = 110
"""Characters. Longer labels make menus wider than small screens; the log has the whole text."""


class Check(StrEnum):
    """Whether a line has a mark that is on or off."""

    NONE = "none"
    BOX = "box"
    RADIO = "radio"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu. Without an action or children it only informs. `is_default`: what a plain click on the icon
    does, where the platform tells it from opening the menu.
    """

    label: str
    action: Click | None = None
    is_enabled: bool = True
    is_default: bool = False
    check: Check = Check.NONE
    is_checked: bool = False
    children: tuple[Item, ...] = ()


SEPARATOR = Item("-", None, is_enabled=False)


def inform(line: str) -> Item:
    """A line that only tells something."""
    return Item(shorten(line), None, is_enabled=False)


def submenu(label: str, *children: Item) -> Item:
    """A line that opens more; greyed where there is nothing in it."""
    return Item(shorten(label), None, is_enabled=bool(children), children=children)


def radio(label: str, action: Click, *, is_checked: bool, problem: str = "") -> Item:
    """One of several choices; one that has a problem says it, and can't be chosen."""
    told = f"{label} ({problem})" if problem else label
    return Item(shorten(told), action, not problem, check=Check.RADIO, is_checked=is_checked)


def box(label: str, action: Click, *, is_checked: bool) -> Item:
    """A switch."""
    return Item(shorten(label), action, check=Check.BOX, is_checked=is_checked)


def shorten(line: str) -> str:
    """On one line, of what toolkits can draw, and not too long for a menu."""
    flat = make_printable(" ".join(line.split()))
    return flat if len(flat) <= MAX_LABEL else flat[: MAX_LABEL - 1].rstrip() + "…"
