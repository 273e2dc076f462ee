"""A client that hangs up costs nothing more, and a stream with nothing to say stays alive: raw sockets, real server."""

from __future__ import annotations

import dataclasses
import json
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

LONG = "x" * 2000  # at 5 ms a token, ten seconds of answer
AT_ONCE_S = 3.0  # on a busy machine too


@pytest.fixture
def slow() -> Iterator[Served]:
    with serving(load_fake("echo,step_ms=5"), dataclasses.replace(FAKE, keep_alive_s=0.05)) as served:
        yield served


def _post(served: Served, **fields: object) -> socket.socket:
    body = json.dumps({"messages": [{"role": "user", "content": LONG}], **fields}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:{served.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=20)
    connection.sendall(head.encode() + body)
    return connection


def _active(served: Served) -> int:
    return served.engine.health().active


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("brutal", [True, False])
def test_a_hang_up_ends_the_generation_at_once(slow: Served, stream: bool, brutal: bool) -> None:
    connection = _post(slow, stream=stream)
    wait_until(lambda: _active(slow) == 1, "the generation runs")
    if brutal:  # a reset instead of an orderly end
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert wait_until(lambda: _active(slow) == 0, "the generation ends") < AT_ONCE_S


def test_a_hang_up_in_the_queue_leaves_the_queue() -> None:
    with serving(load_fake("echo,step_ms=5", parallel=1)) as served, _post(served, stream=True):
        wait_until(lambda: _active(served) == 1, "the first one runs")
        second = _post(served, stream=True)
        wait_until(lambda: served.engine.health().queued == 1, "the second one waits")
        second.close()
        assert wait_until(lambda: served.engine.health().queued == 0, "the queue is empty") < AT_ONCE_S
        assert _active(served) == 1


def test_a_stream_that_waits_sends_keep_alive_comments() -> None:
    settings = dataclasses.replace(FAKE, keep_alive_s=0.05)
    with serving(load_fake("echo,step_ms=5", parallel=1), settings) as served, _post(served, stream=True):
        wait_until(lambda: _active(served) == 1, "the first one runs")
        with _post(served, stream=True) as second:
            received = b""
            while received.count(b": keep-alive\n\n") < 3:
                chunk = second.recv(4096)
                assert chunk, "the stream ended"
                received += chunk
    assert b'"role":"assistant"' in received
