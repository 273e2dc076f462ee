"""A program for the tests: pystray's icon with `use_theme`, in the state that its argument names, until it is ended."""

from __future__ import annotations

import sys
from typing import Any

from tray.icons import load_icon
from tray.screen import Backend
from tray.shell import load_toolkit
from tray.state import EndpointState
from tray.themed_icon import use_theme


def main() -> None:
    pystray: Any = load_toolkit(Backend.APPINDICATOR)  # Any: pystray has no types
    icon = pystray.Icon(
        "themed", load_icon(EndpointState(sys.argv[1])), "Themed", pystray.Menu(pystray.MenuItem("Nothing", print))
    )
    use_theme(icon)
    icon.run()


if __name__ == "__main__":
    main()
