"""Every setting: its name in the file, what it may be, and what it is for. Pure; the one truth for file, flags and CLI.

A value comes as TOML has it (`check`) or as a text from a flag, a variable or `config set` (`read`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from endpoint.contract import (
    DEFAULT_HOST,
    DEFAULT_MODEL,
    DEFAULT_PORT,
    DEFAULT_PROVIDER,
    PROVIDER_ALIASES,
    find_provider,
)
from tray.printable import is_utf8

ENDPOINT = "endpoint"
APP = "app"
MODELS = "models"
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


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `default` None: the endpoint chooses, as `told` says."""

    section: str
    name: str
    check: Callable[[object], object]
    read: Callable[[str], object]
    told: str
    default: object = None

    @property
    def dotted(self) -> str:
        """Its whole name, as `traypoint config` takes it: `endpoint.port`."""
        return f"{self.section}.{self.name}"


RANGES: Mapping[str, Range] = {
    "port": Range(0, 65535, " (0: any free port)"),
    "ctx_size": Range(1, None),
    "parallel": Range(1, 64),
    "threads": Range(1, 512),
    "gpu_layers": Range(-1, None, " (-1: all layers)"),
    "cache_ram": Range(0, 1 << 24, " of MiB"),
    "cache_disk": Range(0, 1 << 24, " of MiB (0: save none)"),
    "idle_unload": Range(0, 1 << 24, " of seconds (0: never)"),
}
"""The settings that are whole numbers; all in the endpoint's section."""


def _number(name: str, told: str, default: int | None = None) -> Key:
    return Key(ENDPOINT, name, RANGES[name].check, RANGES[name].read, told, default)


def _switch(name: str, told: str, default: bool) -> Key:
    return Key(APP, name, check_switch, read_switch, told, default)


KEYS: tuple[Key, ...] = (
    Key(ENDPOINT, "provider", check_provider, check_provider, "what runs the model", DEFAULT_PROVIDER),
    Key(ENDPOINT, "model", check_text, check_text, "what to serve", DEFAULT_MODEL),
    Key(ENDPOINT, "host", check_text, check_text, "address to listen on", DEFAULT_HOST),
    _number("port", "port to listen on", DEFAULT_PORT),
    _number("ctx_size", "context length in tokens; else chosen from model and memory"),
    _number("parallel", "requests decoded together; else 8"),
    _number("threads", "CPU threads; else at most the physical cores"),
    _number("gpu_layers", "layers on the GPU; else all, where there is one"),
    _number("cache_ram", "MiB of memory for computed prompts; else a quarter of what is free"),
    _number("cache_disk", "MiB of disk for computed prompts; else a quarter of what is free, 10 GiB at most"),
    _number("idle_unload", "seconds without a request after which the model leaves the memory; else never"),
    _switch("start_on_launch", "start the endpoint when Traypoint starts", default=True),
    _switch("keep_running", "keep the endpoint when the icon is quit", default=False),
    _switch("notifications", "tell when the model is ready, and when something failed", default=True),
    Key(
        MODELS,
        "catalogue_url",
        check_url,
        check_url,
        "https address of a list of models to offer; else the built-in one",
    ),
    Key(MODELS, "folders", check_folders, read_folders, "more folders to look for models in", ()),
)
"""In the order in which they are shown."""

BY_NAME: Mapping[str, Key] = {key.dotted: key for key in KEYS}


def find_key(name: str) -> Key | None:
    """By its whole name, or by its last part: no two keys have the same one."""
    return BY_NAME.get(name) or next((key for key in KEYS if key.name == name), None)
