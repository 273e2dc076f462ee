"""Names for prefixes: what each stands for, how long, and which held prefix it pins. Engine thread only.

A key outlives its state: when that had to go, the key still knows its tokens, and the next request computes them again.
It ends when it is cleared, when its time is up, or when newer ones need its place: names too are bounded in bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from endpoint.cache.prefixes import PrefixCache
from endpoint.conversation import TextPart
from endpoint.keycontent import KeyContent
from endpoint.providers.base import Prefix

MOST_BYTES = 64 << 20
"""For the tokens and words of all keys; far more than thousands of them need."""
_TOKEN_BYTES = 8  # a place in a tuple; small numbers are shared
_KEY_BYTES = 1_000
REMEMBERED = 256
"""Names of keys whose time was up, to tell why they are no more."""


@dataclass(slots=True)
class Key:
    """`held`: the id of the prefix that it pins, if there is one. Times in Unix seconds; `ttl_s` counts from the last
    use."""

    name: str
    created_at: float
    used_at: float
    ttl_s: float | None = None
    tokens: tuple[int, ...] = ()
    content: KeyContent = field(default_factory=KeyContent)
    meta: dict[str, object] = field(default_factory=dict)
    version: int = 1
    held: int | None = None
    is_prepared: bool = False  # its prefix was asked for by itself, not left by a request
    is_lease: bool = False  # its state, too, is to go when its time is up

    def is_due(self, now: float) -> bool:
        """Whether its time is up."""
        return self.ttl_s is not None and now >= self.used_at + self.ttl_s

    @property
    def size(self) -> int:
        """Bytes that it takes itself, about."""
        parts = (part for message in self.content.messages for part in message.parts)
        words = sum(len(part.text) for part in parts if isinstance(part, TextPart))
        return _KEY_BYTES + _TOKEN_BYTES * len(self.tokens) + words


class KeyRing:
    """Keys by name, the least recently used first."""

    def __init__(self, cache: PrefixCache) -> None:
        self._cache = cache
        self._keys: OrderedDict[str, Key] = OrderedDict()
        self._expired: OrderedDict[str, float] = OrderedDict()
        self.default: str | None = None

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._keys.values()))

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, name: str | None) -> Key | None:
        """A key, not counted as used."""
        return None if name is None else self._keys.get(name)

    def expired_at(self, name: str) -> float | None:
        """When a key's time was up, if that is why it is no more."""
        return self._expired.get(name)

    def use(self, name: str, now: float) -> Key:
        """A key, made when it isn't there; its time begins anew."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = Key(name, created_at=now, used_at=now)
            self._expired.pop(name, None)
        key.used_at = now
        self._keys.move_to_end(name)
        return key

    def restore(self, key: Key) -> None:
        """A key of before; one of its name that is there stays."""
        if key.name not in self._keys:
            self._keys[key.name] = key
            self._keys.move_to_end(key.name, last=False)

    def prefix_of(self, key: Key) -> Prefix | None:
        """What it pins, while that is held."""
        return None if key.held is None else self._cache.get(key.held)

    def stand_for(self, key: Key, tokens: tuple[int, ...]) -> None:
        """Let it name these tokens, and pin the held prefix that has most of their state."""
        key.tokens = tokens
        key.version += 1
        self.pin(key)

    def pin(self, key: Key) -> None:
        """Pin what is held of its tokens now, in place of what it pinned before."""
        before = self.prefix_of(key)
        found = self._cache.find_most(key.tokens)
        if found is not None:
            self._cache.pin(found)
        key.held = None if found is None else found.id
        if before is not None:
            self._cache.unpin(before)

    def let_go(self) -> None:
        """Nothing is held any more: no key pins anything, each still knows what it stands for."""
        for key in self._keys.values():
            key.held = None

    def drop(self, name: str) -> Key | None:
        """Forget a key; its prefix is pinned by it no more."""
        key = self._keys.pop(name, None)
        if key is None:
            return None
        if self.default == name:
            self.default = None
        prefix = self.prefix_of(key)
        if prefix is not None:
            self._cache.unpin(prefix)
        return key

    def take_due(self, now: float) -> list[Key]:
        """Those whose time is up, for the caller to drop; their names are remembered."""
        due = [key for key in self._keys.values() if key.is_due(now)]
        for key in due:
            self._expired[key.name] = key.used_at + (key.ttl_s or 0.0)
            while len(self._expired) > REMEMBERED:
                self._expired.popitem(last=False)
        return due

    def keep_to_bounds(self) -> list[Key]:
        """Those that must go for the names' own bytes, the least recently used first."""
        size, gone = sum(key.size for key in self._keys.values()), []
        for key in self._keys.values():
            if size <= MOST_BYTES:
                break
            gone.append(key)
            size -= key.size
        return gone


def merge_meta(meta: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """With what is new; None takes a field away."""
    merged = {**meta, **more}
    return {name: value for name, value in merged.items() if value is not None}
