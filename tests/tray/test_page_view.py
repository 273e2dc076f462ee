from __future__ import annotations

from dataclasses import replace

from tray.errors import DesktopError
from tray.page_view import PageView
from tray.state import AppState, EndpointState

LOADING = AppState(endpoint=EndpointState.LOADING, port=8100)
READY = replace(LOADING, endpoint=EndpointState.READY)


def test_the_page_is_opened_once_and_not_before_there_is_one() -> None:
    opened: list[str] = []
    view = PageView(opened.append, lambda _: None)
    for state in (LOADING, READY, replace(READY, endpoint=EndpointState.BUSY), LOADING, READY):
        view.show(state)
    assert opened == ["http://127.0.0.1:8100/"]


def test_a_desktop_without_a_browser_is_told_and_not_tried_again() -> None:
    said: list[str] = []

    def refuse(url: str) -> None:
        raise DesktopError(f"xdg-open isn't installed; the page is {url}")

    view = PageView(refuse, said.append)
    view.show(READY)
    view.show(replace(READY, active=1))
    assert said == ["xdg-open isn't installed; the page is http://127.0.0.1:8100/"]
