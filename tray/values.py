"""What the value of a setting may be, and how to read one from a text. Pure.

Each check takes a value as TOML has it and returns it; each read takes the text of a flag, a variable or `config set`.
Both raise ValueError with what is allowed and what was given, as the end of a sentence that begins with the key.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from endpoint.contract import PROVIDER_ALIASES, find_provider
from tray.printable import is_utf8

_URL = re.compile(r"https://[^\s/]+\S*|http://(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]\S*)?")
_WORDS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers a key may have, and how to say so."""

    low: int
    high: int | None
    remark: str = ""

    def check(self, value: object) -> int:
        """The value, if it is allowed. Raises ValueError with what is allowed and what was given."""
        # bool is an int to Python, but `port = true` is a mistake.
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= (self.high or value):
            return value
        upto = f"from {self.low} to {self.high}" if self.high else f"of at least {self.low}"
        raise ValueError(f"must be a whole number {upto}{self.remark}, not {value!r}")

    def read(self, text: str) -> int:
        """As `check`, from a flag's or a variable's text."""
        stripped = text.strip()
        return self.check(int(stripped) if stripped.removeprefix("-").isdecimal() else text)


@dataclass(frozen=True, slots=True)
class Decimals:
    """The numbers a key may have, whole ones among them."""

    low: float
    high: float
    remark: str = ""

    def check(self, value: object) -> float:
        """The value, if it is allowed. Raises ValueError."""
        if isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high:
            return float(value)
        raise ValueError(f"must be a number from {self.low:g} to {self.high:g}{self.remark}, not {value!r}")

    def read(self, text: str) -> float:
        """As `check`, from a text."""
        try:
            return self.check(float(text))
        except ValueError:
            return self.check(text)


@dataclass(frozen=True, slots=True)
class Words:
    """The words a key may have."""

    allowed: tuple[str, ...]

    def check(self, value: object) -> str:
        """The value, if it is one of them. Raises ValueError."""
        if isinstance(value, str) and value in self.allowed:
            return value
        raise ValueError(f"must be one of {', '.join(self.allowed)}, not {value!r}")

    def read(self, text: str) -> str:
        """As `check`; capitals will do."""
        return self.check(text.strip().lower())


def check_text(value: object) -> str:
    """The value, if it is a text that says something. Raises ValueError."""
    if isinstance(value, str) and not is_utf8(value):
        raise ValueError(f"must be text in UTF-8, not {value!r}")
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"must be a text that isn't empty, not {value!r}")


def check_provider(value: object) -> str:
    """The value, if it names a provider. Raises ValueError."""
    if find_provider(check_text(value)) is None:
        raise ValueError(f"must be one of {', '.join(PROVIDER_ALIASES)}, not {value!r}")
    return check_text(value)


def check_switch(value: object) -> bool:
    """The value, if it is true or false. Raises ValueError."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"must be true or false, not {value!r}")


def read_switch(text: str) -> bool:
    """As `check_switch`, from a text: on and off, yes and no will do. Raises ValueError."""
    return check_switch(_WORDS.get(text.strip().lower(), text))


def check_url(value: object) -> str:
    """The value, if it is an https address, or one on this machine. Raises ValueError."""
    if isinstance(value, str) and _URL.fullmatch(value):
        return value
    raise ValueError(f"must be an address that begins with https://, not {value!r}")


def check_folders(value: object) -> tuple[str, ...]:
    """The value, if it is a list of folders' names. Raises ValueError."""
    if isinstance(value, list | tuple) and all(_is_text(item) for item in value):
        return tuple(value)
    raise ValueError(f"must be a list of folders, not {value!r}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and is_utf8(value)


def read_folders(text: str) -> tuple[str, ...]:
    """As `check_folders`, from a text in the form of PATH; an empty one means none."""
    return tuple(part for part in text.split(os.pathsep) if part.strip())
