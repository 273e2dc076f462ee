"""Members of a settings file: where they are, what they are, and how a document is changed member by member. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tray.clients.values import Value


class BadDocument(ValueError):
    """The file can't be read, or not be changed in the way that is asked; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Item:
    """The element of a list that has this value under this key. Always a path's last step."""

    key: str
    value: Value


Path = tuple[str | Item, ...]
"""Keys from the outside in."""


@dataclass(frozen=True, slots=True)
class Member:
    """What shall be at a path."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a path: as a value, and as it is written in the file."""

    value: Value
    source: str


class Document(Protocol):
    """A settings file's text, and changes to it that leave all else as it is. Every method may raise BadDocument."""

    @property
    def text(self) -> str:
        """As it is now."""

    @property
    def puts_first(self) -> bool:
        """Whether a new member comes before those that are there; else it comes after them."""

    def find(self, path: Path) -> Found | None:
        """What is there; None: nothing."""

    def depth(self, path: Path) -> int:
        """How many of the path's steps, from the outside in, lead to something that is there."""

    def put(self, path: Path, value: Value) -> None:
        """Have this value there, in the place of what is there, or as a new member."""

    def put_source(self, path: Path, source: str) -> None:
        """Have what `find` once told in the place of what is there."""

    def drop(self, path: Path, keep: int) -> None:
        """Take the member out, and what holds it where that is empty then, but nothing of the first `keep` steps."""


def list_members(value: Value, path: Path = ()) -> Iterator[Member]:
    """Each plain value on its own, so that neighbours stay; a list of mappings is as many items, each known by its
    first member.
    """
    if isinstance(value, Mapping) and (value or not path):
        for key, each in value.items():
            yield from list_members(each, (*path, key))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
        for each in value:
            yield Member((*path, _identify(each)), each)
    else:
        yield Member(path, value)


def write_path(path: Path) -> str:
    """For people: `env.ANTHROPIC_MODEL`, `models[name=Traypoint]`."""
    text = "".join(f"[{step.key}={step.value}]" if isinstance(step, Item) else f".{step}" for step in path)
    return text.removeprefix(".")


def _identify(value: Value) -> Item:
    if not isinstance(value, Mapping):
        raise TypeError(f"a list of mappings holds {value!r}")
    return Item(*next(iter(value.items())))
