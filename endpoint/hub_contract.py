"""What the tray and the child that talks to the hub say to each other: lines of JSON one way, single words the other.

Standard library only, no side effects, like `endpoint/contract.py`: these two are all that the tray may import of
`endpoint` (docs/adr/0017-hub-child.md). A line that makes no sense is no event; unknown fields are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar, cast

_T = TypeVar("_T")

CATALOGUE_LIMIT = 1 << 20
"""Bytes of a list of models that somebody else keeps, at most."""

KEYRING_SERVICE, KEYRING_USER = "traypoint", "huggingface"
"""Under which the system's keyring holds the hub's token."""


class Wish(StrEnum):
    """A line on the child's standard input. Its end means that the parent has gone, and counts as PAUSE."""

    PAUSE = "pause"  # end, and keep what is there
    CANCEL = "cancel"  # end, and delete what isn't finished


class FailureCode(StrEnum):
    """Why the child failed, for programs. The message says it for people."""

    BAD_NAME = "bad-name"  # what was asked for is no repository's name, or names nothing that could be run
    NOT_FOUND = "not-found"  # no such repository, or a private one
    NO_FILE = "no-file"  # the repository has no such file or quantisation
    AMBIGUOUS = "ambiguous"  # it has several, and none is the usual one
    GATED = "gated"  # its terms must be accepted first
    UNAUTHORISED = "unauthorised"  # the token isn't accepted
    RATE_LIMITED = "rate-limited"
    SERVER = "server"  # the hub fails, or its answer makes no sense
    NETWORK = "network"
    PROXY = "proxy"
    OFFLINE = "offline"  # offline mode is on, and it isn't here
    DISK_FULL = "disk-full"
    DISK = "disk"  # files can't be written, or read
    CORRUPT = "corrupt"  # what came is twice not what the hub said
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Started:
    """What will be downloaded is settled. Bytes; `done`: those that are here already. `file`: the first file's name in
    the repository, or empty for a whole one. `note`: what was chosen for the user and why, or empty. `partials`: the
    paths of unfinished files, there or not yet."""

    repo: str
    file: str
    files: int
    done: int
    total: int
    note: str = ""
    partials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of all files: on the disk, and that there will be. `done` falls when a file must be fetched again."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing comes at the moment; `reason` says why. `seconds` until the next try, 0: unknown."""

    reason: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Verifying:
    """A file is complete, and is read to compare its hash. Bytes of this file."""

    file: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Done:
    """All is here and is what the hub said. `provider` and `model`: what the endpoint takes. Bytes; `fetched`: those
    that this child has got from the network."""

    provider: str
    model: str
    total: int
    fetched: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Ended by a wish, or because the parent has gone."""

    wish: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Ended without success; `message` is a sentence or two: what happened, and what to do. `code`: a FailureCode."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A repository that a search has found. `kind`: "gguf" or "mlx"; `is_gated`: its terms must be accepted first."""

    repo: str
    kind: str
    downloads: int = 0
    likes: int = 0
    licence: str = ""
    is_gated: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a search."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class CatalogueKept:
    """The list of models is in its file; `is_new`: its content has changed."""

    is_new: bool


HubEvent = Started | Progress | Waiting | Verifying | Done | Stopped | Failed | Found | CatalogueKept
ENDS = (Done, Stopped, Failed, Found, CatalogueKept)
"""After one of these the child says no more."""

_NAMES: Mapping[str, type[Any]] = {
    "started": Started,
    "progress": Progress,
    "waiting": Waiting,
    "verifying": Verifying,
    "done": Done,
    "stopped": Stopped,
    "failed": Failed,
    "found": Found,
    "catalogue": CatalogueKept,
}
_EVENT = "event"


def format_event(event: HubEvent) -> str:
    """One line of JSON, in ASCII: `event` names its kind."""
    name = next(name for name, kind in _NAMES.items() if kind is type(event))
    return json.dumps({_EVENT: name, **asdict(event)})


def parse_event(line: str) -> HubEvent | None:
    """Read such a line; None when it is none, or a field is missing or of the wrong kind."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kind = _NAMES.get(str(said.get(_EVENT))) if isinstance(said, dict) else None
    if kind is None:
        return None
    try:
        event: HubEvent = _read(kind, said)
    except (TypeError, ValueError):
        return None
    return event


def _read(kind: type[_T], said: Mapping[str, object]) -> _T:
    """Raises TypeError when something is missing, ValueError when it is of the wrong kind."""
    known = [field for field in fields(cast("Any", kind)) if field.name in said]
    return kind(**{field.name: _READERS[str(field.type)](said[field.name]) for field in known})


def _plain(kind: type) -> Callable[[object], object]:
    def read(value: object) -> object:
        if type(value) is not kind:  # exactly: True is an int to Python
            raise ValueError
        return value

    return read


def _read_texts(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ValueError
    return tuple(_plain(str)(each) for each in value)


def _read_hits(value: object) -> tuple[object, ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError
    return tuple(_read(Hit, each) for each in value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "int": _plain(int),
    "str": _plain(str),
    "bool": _plain(bool),
    "tuple[str, ...]": _read_texts,
    "tuple[Hit, ...]": _read_hits,
}
"""By a field's annotation, as the source has it."""
