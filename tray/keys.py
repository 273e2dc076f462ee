"""Every setting: its name in the file, what it may be, and what it is for. Pure; the one truth for file, flags and CLI.

Settings that belong to how one model is run may be said for that model alone, in a table of its name; a whole name is
then `model."NAME".ctx_size`, as TOML writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from endpoint.contract import DEFAULT_HOST, DEFAULT_MODEL, DEFAULT_PORT, DEFAULT_PROVIDER, KV_TYPES
from tray.values import (
    Decimals,
    Range,
    Words,
    check_folders,
    check_provider,
    check_switch,
    check_text,
    check_url,
    read_folders,
    read_switch,
)

ENDPOINT = "endpoint"
APP = "app"
MODELS = "models"


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `default` None: the endpoint chooses, as `told` says. `is_tuning`: it may be said for one model."""

    section: str
    name: str
    check: Callable[[object], object]
    read: Callable[[str], object]
    told: str
    default: object = None
    is_tuning: bool = False

    @property
    def dotted(self) -> str:
        """Its whole name, as `traypoint config` takes it: `endpoint.port`."""
        return f"{self.section}.{self.name}"

    @property
    def flag(self) -> str:
        """Of the endpoint's settings: `--ctx-size`, the same for `run` and for the endpoint itself."""
        return f"--{self.name.replace('_', '-')}"


TOKENS = Range(0, None, " (0: as memory allows)")
SPECULATIONS = ("auto", "on", "off")


class _Checks(Protocol):
    def check(self, value: object) -> object: ...

    def read(self, text: str) -> object: ...


def _of_endpoint(name: str, allowed: _Checks, told: str, default: object = None) -> Key:
    return Key(ENDPOINT, name, allowed.check, allowed.read, told, default)


def _tuning(name: str, allowed: _Checks, told: str) -> Key:
    return Key(ENDPOINT, name, allowed.check, allowed.read, told, is_tuning=True)


def _switch(name: str, told: str, default: bool) -> Key:
    return Key(APP, name, check_switch, read_switch, told, default)


_MEBIBYTES = Range(0, 1 << 24, " of MiB")
_ELSE = ", where a request doesn't say; else the model's own, or"

KEYS: tuple[Key, ...] = (
    Key(ENDPOINT, "provider", check_provider, check_provider, "what runs the model", DEFAULT_PROVIDER),
    Key(ENDPOINT, "model", check_text, check_text, "what to serve", DEFAULT_MODEL),
    Key(ENDPOINT, "host", check_text, check_text, "address to listen on", DEFAULT_HOST),
    _of_endpoint("port", Range(0, 65535, " (0: any free port)"), "port to listen on", DEFAULT_PORT),
    _tuning("ctx_size", TOKENS, "context length in tokens; else chosen from model and memory"),
    _tuning("parallel", Range(1, 64), "requests decoded together; else 8"),
    _tuning("threads", Range(1, 512), "CPU threads; else at most the physical cores"),
    _tuning("gpu_layers", Range(-1, None, " (-1: all layers)"), "layers on the GPU; else all, where there is one"),
    _tuning("kv_type", Words(KV_TYPES), "how the context is kept in memory, q8_0 takes half as much; else f16"),
    _tuning("speculation", Words(SPECULATIONS), "compute ahead where text repeats itself; else auto"),
    Key(
        ENDPOINT,
        "chat_template",
        check_text,
        check_text,
        "file with a Jinja template for chats; else the model's own",
        is_tuning=True,
    ),
    _tuning("temperature", Decimals(0, 2), f"how freely answers are drawn{_ELSE} 0.8"),
    _tuning("top_p", Decimals(0, 1), f"top-p{_ELSE} 0.95"),
    _tuning("top_k", Range(0, 1_000_000, " (0: off)"), f"top-k{_ELSE} 40"),
    _tuning("min_p", Decimals(0, 1), f"min-p{_ELSE} 0.05"),
    _tuning("repeat_penalty", Decimals(0.01, 10, " (1: off)"), f"repeat penalty{_ELSE} 1"),
    _tuning("presence_penalty", Decimals(-2, 2, " (0: off)"), f"presence penalty{_ELSE} 0"),
    _tuning("frequency_penalty", Decimals(-2, 2, " (0: off)"), f"frequency penalty{_ELSE} 0"),
    _of_endpoint("cache_ram", _MEBIBYTES, "MiB of memory for computed prompts; else a quarter of what is free"),
    _of_endpoint(
        "cache_disk",
        Range(0, 1 << 24, " of MiB (0: save none)"),
        "MiB of disk for computed prompts; else a quarter of what is free, 10 GiB at most",
    ),
    _of_endpoint(
        "idle_unload",
        Range(0, 1 << 24, " of seconds (0: never)"),
        "seconds without a request after which the model leaves the memory; else never",
    ),
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
TUNING: Mapping[str, Key] = {key.name: key for key in KEYS if key.is_tuning}


def find_key(name: str) -> Key | None:
    """By its whole name, or by its last part: no two keys have the same one."""
    return BY_NAME.get(name) or next((key for key in KEYS if key.name == name), None)
