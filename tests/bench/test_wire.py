"""Reading streams by hand: whatever the pieces, the same events."""

from __future__ import annotations

import pytest

from tests.bench.wire import ChunkDecoder, EventSplitter, Head, format_request, parse_head

BODY = b'data: {"a": 1}\n\n: keep-alive\n\ndata: {"b": 2}\r\n\r\ndata: [DONE]\n\n'
PAYLOADS = [b'{"a": 1}', b'{"b": 2}', b"[DONE]"]


def chunk(body: bytes, size: int) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("chunk_size", [1, 3, 7, 1000])
@pytest.mark.parametrize("read_size", [1, 2, 5, 1000])
def test_events_come_out_whole_however_chunks_and_reads_cut_them(chunk_size: int, read_size: int) -> None:
    wire = chunk(BODY, chunk_size)
    decoder, splitter = ChunkDecoder(), EventSplitter()
    payloads = []
    for start in range(0, len(wire), read_size):
        payloads += splitter.feed(decoder.feed(wire[start : start + read_size]))
    assert payloads == PAYLOADS
    assert decoder.done


def test_an_event_comes_out_with_its_line_end_and_not_later() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1") == []
    assert splitter.feed(b"\n") == [b"1"]


def test_a_chunks_extension_is_skipped() -> None:
    assert ChunkDecoder().feed(b"2;x=y\r\nab\r\n0\r\n\r\n") == b"ab"


def test_a_head_tells_status_and_framing() -> None:
    assert parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == Head(200, True, None)
    assert parse_head(b"HTTP/1.1 503 Busy\r\ncontent-length: 12\r\n\r\n") == Head(503, False, 12)


def test_a_request_counts_its_bytes() -> None:
    head, _, body = format_request("/v1/completions", 8500, "ü".encode()).partition(b"\r\n\r\n")
    assert b"Content-Length: 2" in head
    assert body == "ü".encode()
