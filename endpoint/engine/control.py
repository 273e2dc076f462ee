"""The prompt-cache control plane's wishes and answers: values in the engine's inbox, and what comes back.

Each is done at once, between two steps, and none computes anything: what computes a prefix is a GenerationRequest with
a `key`. Names are any text; they never become paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from endpoint.cache.report import Tier
from endpoint.keycontent import KeyContent

Answer_co = TypeVar("Answer_co", covariant=True)


class Action(Generic[Answer_co]):
    """A wish, and the type of what comes back. Raises RequestError there, as each says."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """How long a key lives, in seconds since its last use; None: as long as it did, or as there is room."""

    ttl_s: float | None = None
    make_default: bool = False


@dataclass(frozen=True, slots=True)
class KeyWish:
    """Of a request: prefer this key's prefix, and when the prompt is computed, let the key stand for it.

    `content`: what it stands for then (None: as before); `meta` is merged into the key's. `exact`: the key stands for
    the prompt alone, not for what is answered. Of two requests with one key, the one that ends last moves it.
    """

    name: str
    terms: KeyTerms = KeyTerms()
    content: KeyContent | None = None
    meta: Mapping[str, object] = field(default_factory=dict)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it stands. `tokens` it stands for, `bytes` that its state takes in `tier` (shared by forks); times in
    Unix seconds. `version` grows with every change of what it stands for."""

    name: str
    tokens: tuple[int, ...] = field(repr=False)
    tier: Tier
    bytes: int
    content: KeyContent = field(repr=False)
    version: int
    created_at_s: float
    used_at_s: float
    ttl_s: float | None
    meta: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class KeysView:
    """All keys, the least recently used first. Bytes of held prefixes in RAM and of saved ones on disk, each with its
    budget (disk: 0 when off)."""

    keys: tuple[KeyView, ...]
    default_key: str | None
    ram_bytes: int
    ram_budget: int
    disk_bytes: int
    disk_budget: int
    disk_entries: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """A prefix that is kept on disk under a name; `usable`: by the model that runs now."""

    name: str
    tokens: int
    bytes: int
    saved_at_s: float
    usable: bool


@dataclass(frozen=True, slots=True)
class SetKey(Action[KeyView]):
    """Make a key that stands for nothing yet; one that is there stays, with these terms. Answer: it as it stands."""

    name: str
    terms: KeyTerms


@dataclass(frozen=True, slots=True)
class ReadKey(Action[KeyView | None]):
    """Answer: its KeyView, or None."""

    name: str


@dataclass(frozen=True, slots=True)
class ForkKey(Action[KeyView | None]):
    """Let another key stand for the same; one of that name is replaced. Answer: its KeyView, or None: no source."""

    source: str
    target: str
    terms: KeyTerms


@dataclass(frozen=True, slots=True)
class ChangeKey(Action[KeyView | None]):
    """After an answer: what the key stands for now, in words (`content`; with `appends`, behind what it stood for), or
    more about it (`meta`), while it is at `version` (None: any). Answer: its KeyView, or None."""

    name: str
    content: KeyContent | None = None
    meta: Mapping[str, object] = field(default_factory=dict)
    version: int | None = None
    appends: bool = False


@dataclass(frozen=True, slots=True)
class ClearKeys(Action[int]):
    """Forget a key and the prefix that no other key needs, or (`name` None) all keys and all prefixes, in RAM and on
    disk. Answer: how many keys there were."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class ListKeys(Action[KeysView]):
    """Answer: a KeysView."""


@dataclass(frozen=True, slots=True)
class SaveKey(Action[SavedView]):
    """Save a key's prefix under a name, to be found by it until it is deleted, restarts included. Answer: a SavedView
    once it is on the disk."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadKey(Action[KeyView | None]):
    """Let a key stand for what was saved under a name. Answer: its KeyView, or None."""

    name: str
    key: str
    terms: KeyTerms


@dataclass(frozen=True, slots=True)
class ListSaved(Action[tuple[SavedView, ...]]):
    """Answer: a tuple of SavedView."""


@dataclass(frozen=True, slots=True)
class DeleteSaved(Action[bool]):
    """Answer: whether there was one."""

    name: str
