"""Photographs the open menu of the real app in a real panel: `python -m tests.desktop.photograph docs/images/menu.png`.

Run it by hand when the menu has changed; the tests never write the picture. Needs the packages of .ci/apt-packages.txt.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageChops

from tests.desktop.panel import READY_GREEN, TOOLS, Panel
from tests.desktop.session import Desktop, find_missing

MARGIN = 12  # pixels around the menu


def photograph_menu() -> Image.Image:
    """Panel, icon and open menu with the starter model served on the default port, cut to what matters."""
    with Desktop() as desktop:
        panel = Panel(desktop)
        panel.start()
        panel.paint_background("#2f4858")
        desktop.start_traypoint("--model", "starter")
        at = panel.find_icon(READY_GREEN)
        before = panel.photograph()
        after = panel.open_menu(at)
    box = ImageChops.difference(before, after).getbbox()
    assert box
    return after.crop((0, 0, min(after.width, box[2] + MARGIN), min(after.height, box[3] + MARGIN)))


def main() -> int:
    """Write the picture to the path given; exit code 1 where it can't be taken."""
    missing = find_missing(TOOLS, ["gi"])
    if missing or len(sys.argv) != 2:
        print(missing or __doc__, file=sys.stderr)
        return 1
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    photograph_menu().save(target, optimize=True)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
