"""Set-ups as docs/clients.md shows them: fences after a line `<!-- client NAME: PLACE -->`. Pure.

PLACE is a file to write, relative to the working folder or to the home folder with `~/`, or `run`: commands for bash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

PORT = 8001
_MARK = re.compile(r"^<!-- client ([\w-]+): (\S+) -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(rf"(?<=localhost:|127\.0\.0\.1:){PORT}\b")


class BadRecipe(ValueError):
    """The page can't be used; the message says where."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Texts by place; and the commands, None when the page shows none."""

    files: dict[PurePosixPath, str] = field(default_factory=dict)
    commands: str | None = None


def find_recipes(page: str, port: int) -> dict[str, Recipe]:
    """All set-ups by client, with `port` in the place of the documented one. Raises BadRecipe."""
    recipes: dict[str, Recipe] = {}
    for name, place, written in _MARK.findall(page):
        recipe = recipes.setdefault(name, Recipe())
        text = _PLACE.sub(str(port), written)
        if place == "run":
            recipes[name] = Recipe(recipe.files, (recipe.commands or "") + text)
        else:
            recipe.files[PurePosixPath(place)] = text
    if len(_MARK.findall(page)) != page.count("<!-- client "):
        raise BadRecipe("docs/clients.md: after each <!-- client NAME: PLACE --> comes a fence, or the mark goes")
    for name, recipe in recipes.items():
        if not any(f":{port}" in text for text in (*recipe.files.values(), recipe.commands or "")):
            raise BadRecipe(f"docs/clients.md: nothing of {name} names localhost:{PORT} or 127.0.0.1:{PORT}")
    return recipes
