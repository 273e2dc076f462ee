"""Small JSON files of our own and of other tools: read within bounds, written as a whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tray.models.regular_file import open_regular
from tray.whole_file import replace_file


def read_object(path: Path, limit: int) -> dict[str, Any] | None:
    """The JSON object in a file of at most `limit` bytes; None where there is no such file, or it holds anything else.

    `limit` bounds the memory, too: parsed JSON takes some twenty times its bytes at worst. Raises nothing.
    """
    try:
        with open_regular(path) as file:
            data = file.read(limit + 1)
        found = json.loads(data) if len(data) <= limit else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write_object(path: Path, content: object) -> None:
    """Replace the file, or make it and its folder. Raises OSError; then the old file is still there."""
    replace_file(path, json.dumps(content).encode())  # four times as fast as json.dump
