"""The load: streamed completions over plain sockets, each event with its time of arrival. Owner: one event loop.

JSON is parsed after the stream has ended, for the client shares the cores with the server that it times.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from tests.bench.trace import Trace, read_trace
from tests.bench.wire import ChunkDecoder, EventSplitter, format_request, parse_head

READ_BYTES = 65536
MODEL = "default_model"
"""Servers of one model take any name; mlx_lm.server would load what is called so, and calls its own like this."""


class ServerRefused(Exception):
    """The answer is no stream of events; the message has its status and its body's beginning."""


def _ignore(_: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one server on this machine."""

    port: int

    async def complete(
        self,
        prompt: str,
        max_tokens: int,
        on_event: Callable[[int], None] = _ignore,
        schema: Mapping[str, object] | None = None,
    ) -> Trace:
        """A greedy completion, JSON of a schema if there is one. `on_event` is told the number of events so far, as
        they come.

        Raises ServerRefused, ValueError, OSError.
        """
        wish = {
            "model": MODEL,
            "prompt": prompt,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({} if schema is None else {"json_schema": schema}),
        }
        body = json.dumps(wish).encode()
        events: list[tuple[float, bytes]] = []
        sent_at = time.perf_counter()
        async with _connection(self.port) as (reader, writer):
            writer.write(format_request("/v1/completions", self.port, body))
            async for payload in _read_events(reader):
                events.append((time.perf_counter(), payload))
                on_event(len(events))
        return read_trace(sent_at, events)


@contextlib.asynccontextmanager
async def _connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _read_events(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    head = parse_head(await reader.readuntil(b"\r\n\r\n"))
    if head.status != 200:
        raise ServerRefused(f"{head.status}: {(await reader.read(500)).decode(errors='replace')}")
    chunks, splitter = ChunkDecoder(), EventSplitter()
    while data := await reader.read(READ_BYTES):
        for payload in splitter.feed(chunks.feed(data) if head.chunked else data):
            yield payload
