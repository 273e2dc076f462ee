"""HTTP/1.1 bodies and server-sent events, read by hand: a client that costs next to nothing beside the server it times.

Pure: bytes in, event payloads out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIX = b"data:"


class ChunkDecoder:
    """Undoes `Transfer-Encoding: chunked` (RFC 9112, 7.1), however the pieces arrive."""

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0  # bytes of the current chunk that are still to come
        self._in_chunk = False
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """The body's bytes in `data`."""
        self._buffer += data
        body = b""
        while not self.done and (self._in_chunk or self._open_chunk()):
            taken, self._buffer = self._buffer[: self._left], self._buffer[self._left :]
            self._left -= len(taken)
            body += taken
            if not self._close_chunk():
                break
        return body

    def _open_chunk(self) -> bool:
        """Read a size line; False when it isn't all here. The chunk of size 0 is the last."""
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return False
        self._buffer, self._left = rest, int(line.split(b";")[0], 16)
        self.done = self._left == 0
        self._in_chunk = not self.done
        return self._in_chunk

    def _close_chunk(self) -> bool:
        """Leave a chunk whose bytes and line end have come."""
        if self._left or len(self._buffer) < len(b"\r\n"):
            return False
        self._buffer = self._buffer[2:]
        self._in_chunk = False
        return True


class EventSplitter:
    """Complete `data:` lines out of a stream; comments and other fields are left out."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that `data` completes."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [line[len(_PREFIX) :].strip() for line in lines if line.startswith(_PREFIX)]


@dataclass(frozen=True, slots=True)
class Head:
    """A response's status and what is needed to read its body."""

    status: int
    chunked: bool
    length: int | None


def parse_head(head: bytes) -> Head:
    """The lines up to the empty one."""
    first, _, fields = head.partition(b"\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", fields)
    chunked = re.search(rb"(?im)^transfer-encoding:\s*chunked", fields) is not None
    return Head(int(first.split()[1]), chunked, int(length[1]) if length else None)


def format_request(path: str, port: int, body: bytes) -> bytes:
    """A POST of JSON that ends its connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
