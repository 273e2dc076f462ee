"""Shows the status page in a browser once the endpoint is up: where a desktop has no place for an icon."""

from __future__ import annotations

from collections.abc import Callable

from tray.errors import DesktopError
from tray.state import SERVING, AppState


class PageView:
    """A View that opens one page, once. `open_page` raises DesktopError; `say` takes a line for people."""

    def __init__(self, open_page: Callable[[str], None], say: Callable[[str], None]) -> None:
        self._open_page = open_page
        self._say = say
        self._is_done = False

    def show(self, state: AppState) -> None:
        """Open the page as soon as there is one."""
        if self._is_done or state.endpoint not in SERVING:
            return
        self._is_done = True
        try:
            self._open_page(f"{state.root_url}/")
        except DesktopError as error:
            self._say(str(error))

    def close(self) -> None:
        """The browser is the user's."""
