from __future__ import annotations

from tray.icons import Look, StateIcon, find_assets, load_icon
from tray.state import EndpointState
from tray.themed_icon import Indicator, ThemedIndicator, use_theme


class FakeIndicator:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def set_icon_theme_path(self, folder: str) -> None:
        self.told.append(("theme path", folder))

    def set_icon_full(self, name: str, description: str) -> None:
        self.told.append(("icon", name, description))

    def set_menu(self, menu: object) -> None:
        self.told.append(("menu", menu))

    def set_title(self, title: str) -> None:
        self.told.append(("title", title))

    def set_status(self, status: object) -> None:
        self.told.append(("status", status))


class FakeIcon:
    """pystray's icon, as far as it matters."""

    def __init__(self, icon: StateIcon) -> None:
        self.icon = icon
        self.indicator = FakeIndicator()
        self._appindicator: Indicator | ThemedIndicator = self.indicator


def test_the_panel_is_told_a_name_in_the_theme_instead_of_a_temporary_file() -> None:
    icon = FakeIcon(load_icon(EndpointState.LOADING))
    use_theme(icon)
    icon.icon = load_icon(EndpointState.READY, Look.ON_DARK)
    indicator = icon._appindicator
    assert isinstance(indicator, ThemedIndicator)
    indicator.set_icon("/tmp/some-picture")
    assert icon.indicator.told == [
        ("theme path", str(find_assets())),
        ("icon", "traypoint-ready-on-dark", "Traypoint: ready"),
    ]


def test_everything_else_goes_through() -> None:
    icon = FakeIcon(load_icon(EndpointState.LOADING))
    use_theme(icon)
    del icon.indicator.told[:]
    icon._appindicator.set_menu("menu")
    icon._appindicator.set_title("title")
    icon._appindicator.set_status("active")
    assert icon.indicator.told == [("menu", "menu"), ("title", "title"), ("status", "active")]


def test_asking_for_the_theme_twice_changes_nothing() -> None:
    icon = FakeIcon(load_icon(EndpointState.LOADING))
    use_theme(icon)
    first = icon._appindicator
    use_theme(icon)
    assert icon._appindicator is first
