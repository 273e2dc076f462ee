"""What is remembered of each generation, to explain later what the cache did for it. Owner: the event loop.

Bounded in number and in bytes (of tokens and words, about); the oldest go first. Nothing of it is ever logged.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from endpoint.cache.report import CacheReport
from endpoint.conversation import TextPart
from endpoint.keycontent import KeyContent
from endpoint.providers.base import Tokenizer

MOST_RECORDS = 200
MOST_BYTES = 32 << 20
_TOKEN_BYTES = 8


@dataclass(frozen=True, slots=True)
class Record:
    """A generation. `at` in Unix seconds; `asked`: the conversation that was rendered, None for a raw prompt."""

    reply_id: str
    request_id: str
    at: float
    tokenizer: Tokenizer
    report: CacheReport
    asked: KeyContent | None

    @property
    def size(self) -> int:
        """Bytes, about. A candidate is most often another record's prompt, and counted there."""
        parts = (part for message in (self.asked.messages if self.asked else ()) for part in message.parts)
        words = sum(len(part.text) for part in parts if isinstance(part, TextPart))
        return 1_000 + words + _TOKEN_BYTES * len(self.report.prompt)


class RecordStore:
    """The last generations. `most` 0: none are remembered."""

    def __init__(self, most: int = MOST_RECORDS, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._aliases: dict[str, str] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def is_on(self) -> bool:
        """Whether anything is remembered."""
        return self._most > 0

    def note(self, record: Record) -> None:
        """Remember one."""
        if not self.is_on:
            return
        self._records[record.reply_id] = record
        self._aliases[record.request_id] = record.reply_id
        self._bytes += record.size
        while len(self._records) > self._most or (self._bytes > self._most_bytes and len(self._records) > 1):
            _, gone = self._records.popitem(last=False)
            self._aliases.pop(gone.request_id, None)
            self._bytes -= gone.size

    def find(self, number: str) -> Record | None:
        """By the reply's id, or by the request's (x-request-id)."""
        return self._records.get(self._aliases.get(number, number))

    def recent(self, most: int) -> list[Record]:
        """The newest first."""
        return list(reversed(self._records.values()))[:most]

    def find_source(self, record: Record) -> Record | None:
        """The generation before this one whose prompt made the candidate that this one is compared with."""
        candidate = record.report.candidate
        best: Record | None = None
        for other in self._records.values():
            if other.reply_id == record.reply_id:
                break
            if _covers(candidate, other.report.prompt):
                best = other
        return best


def _covers(candidate: tuple[int, ...], prompt: tuple[int, ...]) -> bool:
    """Whether the candidate is what a prompt left: all of it but for its end, perhaps with the answer behind it."""
    count = min(len(candidate), len(prompt))
    return count > 0 and len(prompt) - count <= 1 and candidate[:count] == prompt[:count]
