"""The last requests and what the prompt cache did for them. Owner: the event loop.

Invariant: never more records than `most`, nor more bytes than `most_bytes`; the oldest go first. In memory only.
"""

from __future__ import annotations

from collections import OrderedDict

from endpoint.explain.records import Record

MOST_RECORDS = 200
MOST_BYTES = 32 * 1024 * 1024


class RecordStore:
    """A request that is larger than all there is room for isn't kept. `most` 0: none is."""

    def __init__(self, most: int = MOST_RECORDS, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._by_header: dict[str, str] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes that it refers to, about."""
        return self._bytes

    @property
    def is_on(self) -> bool:
        """Whether anything is remembered."""
        return self._most > 0

    def __len__(self) -> int:
        return len(self._records)

    def note(self, record: Record) -> None:
        """Remember a request."""
        if record.size > self._most_bytes or not self.is_on:
            return
        self._forget(record.asker.request_id)
        self._records[record.asker.request_id] = record
        self._by_header[record.asker.header_id] = record.asker.request_id
        self._bytes += record.size
        while len(self._records) > self._most or self._bytes > self._most_bytes:
            self._forget(next(iter(self._records)))

    def find(self, any_id: str) -> Record | None:
        """By the id in the answer's body, or by its x-request-id."""
        return self._records.get(self._by_header.get(any_id, any_id))

    def recent(self, limit: int) -> list[Record]:
        """The last ones, the newest first."""
        return list(self._records.values())[: -limit - 1 : -1] if limit > 0 else []

    def _forget(self, request_id: str) -> None:
        gone = self._records.pop(request_id, None)
        if gone is not None:
            self._by_header.pop(gone.asker.header_id, None)
            self._bytes -= gone.size
