"""What a person may ask the hub for: OWNER/NAME, and what of it. Both processes check it so, wherever it comes from.

Standard library only, no side effects: the tray imports it, too.
"""

from __future__ import annotations

import re

REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
WHAT = re.compile(r"(?:[\w][\w.+-]*/){0,3}[\w][\w.+-]*", re.ASCII)
"""A quantisation, or a file below some folders."""
LONGEST_WANTED = 400
"""Characters."""


def is_repo(text: str) -> bool:
    """Whether it is a repository's name, and can't be taken for a path that leads elsewhere."""
    return REPO.fullmatch(text) is not None and ".." not in text and "--" not in text


def is_wanted(text: str) -> bool:
    """Whether it is OWNER/NAME, OWNER/NAME:QUANT or OWNER/NAME:FILE, as `traypoint pull` takes it."""
    repo, mark, what = text.partition(":")
    if len(text) > LONGEST_WANTED or not is_repo(repo):
        return False
    return not mark or (WHAT.fullmatch(what) is not None and ".." not in what)
