"""The syntax of freedesktop's .desktop files: reading and setting keys of one, and quoting commands for it. Pure.

Only the group [Desktop Entry] is looked at. A text is changed line by line, so that comments, translations, order and
other groups stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

GROUP = "[Desktop Entry]"
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
UNESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`]""")
"""Characters for which the specification has an argument quoted."""

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', re.DOTALL)


def read_key(text: str, key: str) -> str | None:
    """The value of a key, without escapes; None: it isn't there."""
    for line in _lines_of_group(text.split("\n")):
        name, equals, value = line.partition("=")
        if equals and name.strip() == key:
            return re.sub(r"\\(.)", lambda match: UNESCAPES.get(match[1], match[0]), value.strip())
    return None


def read_flag(text: str, key: str) -> bool | None:
    """The value of a key that is true or false; None: it is neither, or isn't there."""
    return {"true": True, "false": False}.get((read_key(text, key) or "").lower())


def set_key(text: str, key: str, value: str | None) -> str:
    """The text with this value in place of the key's former one, or at the group's end; None: without the key."""
    lines = text.removesuffix("\n").split("\n") if text else []
    if GROUP not in (line.strip() for line in lines):
        lines = [GROUP, *lines]
    written = None if value is None else f"{key}={escape(value)}"
    start = next(number for number, line in enumerate(lines) if line.strip() == GROUP) + 1
    end = start + len(_lines_of_group(lines))
    group = [line for line in lines[start:end] if line.partition("=")[0].strip() != key]
    if written is not None:
        group.insert(_place(lines[start:end], key), written)
    return "\n".join([*lines[:start], *group, *lines[end:]]) + "\n"


def escape(value: str) -> str:
    """A value as it stands in the file."""
    return "".join(ESCAPES.get(character, character) for character in value)


def join_command(words: Sequence[str]) -> str:
    """The value of Exec for these words, still without the escapes that all values need (`escape`)."""
    return " ".join(_quote(word.replace("%", "%%")) for word in words)


def split_command(command: str) -> tuple[str, ...]:
    """The words of a value of Exec; field codes (%u) are words like others."""
    words = (plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in WORD.findall(command))
    return tuple(word.replace("%%", "%") for word in words)


def _quote(word: str) -> str:
    if word and not RESERVED.search(word):
        return word
    return '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'


def _lines_of_group(lines: list[str]) -> list[str]:
    """The lines between the group's header and the next one; none when it isn't there."""
    found: list[str] | None = None
    for line in lines:
        if line.strip() == GROUP and found is None:
            found = []
        elif found is not None and line.startswith("["):
            break
        elif found is not None:
            found.append(line)
    return found or []


def _place(group: list[str], key: str) -> int:
    """Where in its group a key belongs: where it was, or behind the last line that isn't empty."""
    for number, line in enumerate(group):
        if line.partition("=")[0].strip() == key:
            return number
    return max((number for number, line in enumerate(group, 1) if line.strip()), default=0)
