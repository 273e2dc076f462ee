"""Photographs the open menu of the real app in a real panel: `python -m tests.desktop.photograph docs/images [NAME…]`.

One picture for each scene (scenes.py), and menu.png for the README. Run it when the menu has changed (`make pictures`);
the tests never write pictures. Needs the packages of .ci/apt-packages.txt, and port 8001.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from PIL import Image, ImageChops

from endpoint.providers.base import MemoryKind
from tests.desktop.app import App
from tests.desktop.dbus_menu import DbusMenu, Line, find_line
from tests.desktop.panel import TOOLS, Panel
from tests.desktop.scenes import STATES, SUBMENUS, Scene, list_arguments, prepared
from tests.desktop.session import Desktop, find_missing
from tests.desktop.test_downloads import make_hub
from tests.tiny.models import write_tiny

MARGIN = 12  # pixels around the menu
README = "ready"
"""The scene that menu.png shows."""


def photograph(scene: Scene) -> Image.Image:
    """Panel, icon and open menu, cut to what matters."""
    with ExitStack() as stack:
        desktop = stack.enter_context(Desktop())
        desktop.env |= {"TRAYPOINT_TEST_HOOKS": "1"}
        if scene.name == "downloading":
            stack.enter_context(make_hub(desktop, rate=9_000))
        models = Path(desktop.env["TRAYPOINT_CONFIG_DIR"], "data", "models")
        models.mkdir(parents=True)
        write_tiny(MemoryKind.RECURRENT, models / "mamba-tiny.gguf")
        (models.parents[1] / "settings.toml").write_text("[app]\nnotifications = false\n")
        panel = Panel(desktop)
        panel.start()
        process = desktop.start_traypoint(*list_arguments(scene))
        with DbusMenu(desktop.env["DBUS_SESSION_BUS_ADDRESS"]) as menu:
            menu.attach()
            with prepared(scene, App(desktop, process, menu)):
                return _open_and_cut(panel, menu, scene)


def _open_and_cut(panel: Panel, menu: DbusMenu, scene: Scene) -> Image.Image:
    at = panel.find_icon(_parse_colour(scene.colour))
    panel.paint_background("#2f4858")
    before = panel.photograph()
    after = panel.open_menu(at)
    lines = menu.lines()
    for label in scene.path:
        after = _open_submenu(panel, lines, label)
        lines = list(_find(lines, label).children)
    box = ImageChops.difference(before, after).getbbox()
    assert box
    right, bottom = min(after.width, box[2] + MARGIN), min(after.height, box[3] + MARGIN)
    return after.crop((0, 0, right, bottom))


def _open_submenu(panel: Panel, lines: list[Line], label: str) -> Image.Image:
    """By keyboard: over what can't be clicked, which GTK passes, down to the line and to the right."""
    enabled = [line for line in lines if line.is_enabled]
    for _ in range(enabled.index(_find(lines, label)) + (1 if panel.is_first_menu else 0)):
        panel.press("Down")
    panel.press("Right")
    panel.is_first_menu = False
    return panel.wait_until_still()


def _find(lines: list[Line], label: str) -> Line:
    line = find_line(lines, (label,))
    assert line, label
    return line


def _parse_colour(text: str) -> tuple[int, int, int]:
    number = int(text.removeprefix("#"), 16)
    return number >> 16, number >> 8 & 255, number & 255


def main() -> int:
    """Write the pictures into the folder given; exit code 1 where they can't be taken."""
    missing = find_missing(TOOLS, ["gi"])
    if missing or len(sys.argv) < 2:
        print(missing or __doc__, file=sys.stderr)
        return 1
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    (folder / "menu").mkdir(parents=True, exist_ok=True)
    for scene in (*STATES, *SUBMENUS):
        if not names or scene.name in names:
            picture = photograph(scene)
            _save(picture, folder / "menu" / f"{scene.name}.png")
            if scene.name == README:
                _save(picture, folder / "menu.png")
    return 0


def _save(picture: Image.Image, target: Path) -> None:
    """With few colours, as menus have: half the size, and nobody sees it."""
    picture.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    sys.exit(main())
