"""A settings file to begin with: every key as a comment, with what it is for and its default."""

from __future__ import annotations

from itertools import groupby

from tray.effective import format_value
from tray.keys import KEYS, TUNING
from tray.migrations import MIGRATIONS

_OPENING = """\
# Traypoint's settings. A key without its # counts; flags and environment variables win over it.
# A running Traypoint takes changes up by itself, within a second.
"""

_OWN = tuple(TUNING)
_ENDING = f"""\

# What is said for one model alone, by the name that --model takes, wins over [endpoint]; it may be {_OWN[0]} and all
# that follows there, to {_OWN[-1]}.
#
# [model."owner/name"]
# ctx_size = 8192
"""


def write_template() -> str:
    """TOML in which only the schema's number is said."""
    lines = [_OPENING, f"schema = {len(MIGRATIONS)}"]
    for section, keys in groupby(KEYS, key=lambda key: key.section):
        lines += ["", f"[{section}]"]
        for key in keys:
            lines += [f"# {key.told}", f"# {key.name} = {_as_toml(key.default)}".rstrip()]
    return "\n".join(lines) + "\n" + _ENDING


def _as_toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return "[]" if value == () else format_value(value)
