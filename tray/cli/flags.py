"""Flags that several verbs have. They come from the table of settings; those left out stay None, so that environment
and file can speak.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from tray.keys import ENDPOINT, KEYS, Key
from tray.options import Choices, make_choices
from tray.values import check_text

T = TypeVar("T")

METAVARS = {
    "provider": "PROVIDER",
    "model": "MODEL",
    "host": "ADDRESS",
    "port": "PORT",
    "ctx_size": "TOKENS",
    "kv_type": "TYPE",
    "speculation": "MODE",
    "chat_template": "FILE",
    "cache_ram": "MIB",
    "cache_disk": "MIB",
    "idle_unload": "SECONDS",
}
ADDRESS = {"host": "where it listens", "port": "its port"}
"""The keys that say where an endpoint is, and what their flags are told to be where one runs."""


def add_serving_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for each setting of the endpoint, and the API key, which no file of settings holds."""
    group = parser.add_argument_group("what to serve")
    for key in KEYS:
        if key.section == ENDPOINT:
            _add_flag(group, key, key.told)
    group.add_argument(
        "--api-key",
        metavar="KEY",
        type=reader(check_text),
        help="asked of callers from other machines (others see it in `ps`)",
    )


def add_address_flags(parser: argparse.ArgumentParser) -> None:
    """Which running endpoint is meant: where it listens, and its API key."""
    group = parser.add_argument_group("which endpoint")
    for key in KEYS:
        if key.section == ENDPOINT and key.name in ADDRESS:
            _add_flag(group, key, ADDRESS[key.name])
    group.add_argument("--api-key", metavar="KEY", type=reader(check_text), help="where it asks for one")


def add_json_flag(parser: argparse.ArgumentParser, told: str = "as JSON, for programs") -> None:
    """`--json`, under the same name everywhere."""
    parser.add_argument("--json", action="store_true", help=told)


def add_force_flag(parser: argparse.ArgumentParser) -> None:
    """`--force`, for what loads models."""
    parser.add_argument("--force", action="store_true", help="load models even where memory is too short for them")


def read_choices(parsed: argparse.Namespace) -> Choices:
    """The flags that say what to serve, as far as the verb has them."""
    return make_choices({key: getattr(parsed, key, None) for key in Choices.__dataclass_fields__})


def reader(read: Callable[[str], T]) -> Callable[[str], T]:
    """For argparse, which drops the text of a ValueError but keeps that of its own error."""

    def call(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return call


def _add_flag(group: argparse._ArgumentGroup, key: Key, told: str) -> None:
    default = "" if key.default is None else f" ({key.default})"
    group.add_argument(
        key.flag,
        metavar=METAVARS.get(key.name, "N"),
        # An unknown provider has an exit code of its own: the endpoint finds it, wherever its name comes from.
        type=reader(check_text if key.name == "provider" else key.read),
        help=f"{told}{default}",
    )
