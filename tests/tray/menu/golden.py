"""The menu as text, one line an item: `python -m tests.tray.menu.golden` writes the golden files anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.tray.menu.states import STATES
from tray.menu.items import SEPARATOR, Check, Item
from tray.menu.menu import build_menu

FOLDER = Path(__file__).with_name("golden")
MARKS = {
    (Check.NONE, False): "",
    (Check.BOX, False): "[ ] ",
    (Check.BOX, True): "[x] ",
    (Check.RADIO, False): "( ) ",
    (Check.RADIO, True): "(o) ",
}


def draw(items: Sequence[Item], depth: int = 0) -> Iterator[str]:
    """A line each: `-` can't be clicked, `*` is the default, then the check mark, the label, and `>` for a submenu."""
    for item in items:
        if item == SEPARATOR:
            yield "  " * depth + "----"
            continue
        state = "-" if not item.is_enabled else "*" if item.is_default else " "
        more = " >" if item.children else ""
        yield f"{'  ' * depth}{state} {MARKS[item.check, item.is_checked]}{item.label}{more}"
        yield from draw(item.children, depth + 1)


def render(name: str) -> str:
    """A state's whole menu."""
    return "\n".join(draw(build_menu(STATES[name]))) + "\n"


def main() -> None:
    """Write all."""
    for name in STATES:
        (FOLDER / f"{name}.txt").write_text(render(name), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
