"""Responses that are kept, so that a conversation can go on from one. Owner: the event loop.

In memory only: gone when the endpoint ends. Bounded in number and in bytes (of JSON); what was not used for longest
goes first. A kept response holds only what its own request and answer added; what came before is found through its
predecessor, so a long conversation is held once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from endpoint.protocol.reply import Body
from endpoint.protocol.responses.items import Item

MOST_RESPONSES = 1_000
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A response, the items that its request brought, and the id of the response that it went on from."""

    response: Body
    input: tuple[Item, ...]
    previous: str | None
    size: int

    def items(self) -> list[Item]:
        """What it added to the conversation."""
        output = self.response["output"]
        return [*self.input, *(output if isinstance(output, list) else ())]


class ResponseStore:
    """At most `most` responses and `most_bytes` of them; one that is larger by itself is not kept."""

    def __init__(self, most: int = MOST_RESPONSES, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._by_item: dict[str, tuple[str, Item]] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, response: Body, given: Sequence[Item], previous: str | None) -> None:
        """Keep a response that is whole."""
        size = len(orjson.dumps([response, *given]))
        if size > self._most_bytes:
            return
        kept = Kept(response, tuple(given), previous, size)
        key = str(response["id"])
        self._kept[key] = kept
        self._bytes += size
        self._by_item.update((str(item["id"]), (key, item)) for item in kept.items())
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self.delete(next(iter(self._kept)))

    def get(self, key: str) -> Kept | None:
        """A response; None for one that isn't held. It counts as used."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def delete(self, key: str) -> bool:
        """Forget a response; whether it was held."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return False
        self._bytes -= kept.size
        for item in kept.items():
            if self._by_item.get(str(item["id"]), ("",))[0] == key:
                del self._by_item[str(item["id"])]
        return True

    def find_item(self, item_id: str) -> Item | None:
        """An item of any response that is held."""
        found = self._by_item.get(item_id)
        return found[1] if found is not None else None

    def trace(self, key: str) -> list[Kept] | None:
        """The responses that led to this one, it itself last; None when one of them isn't held any more."""
        found: list[Kept] = []
        following: str | None = key
        while following is not None:
            kept = self.get(following)
            if kept is None:
                return None
            found.append(kept)
            following = kept.previous
        return found[::-1]
