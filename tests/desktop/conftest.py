"""Fixtures of the desktop tests: a screen and a bus each, and a skip with its reason where they can't be had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desktop.panel import TOOLS
from tests.desktop.session import Desktop, find_missing


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """A virtual screen and a session bus; what ran on them is shown when the test fails."""
    missing = find_missing(["Xvfb", "dbus-daemon", "xclip"], ["gi", "jeepney", "dbus_fast"])
    if missing:
        pytest.skip(missing)
    with Desktop() as made:
        yield made
        print(made.messages())


@pytest.fixture
def panel_desktop(desktop: Desktop) -> Desktop:
    """As `desktop`, where a real panel can run."""
    missing = find_missing(TOOLS, [])
    if missing:
        pytest.skip(missing)
    return desktop
