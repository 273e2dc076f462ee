"""One request over real sockets: what is sent, what comes back, and that nothing is raised."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tray.exchange import NO_ANSWER, exchange


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self, method: str, body: bytes) -> None:
        told = (method, self.path, self.headers["Authorization"], self.headers["Content-Type"], body.decode())
        content = repr(told).encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_without_a_body_it_is_a_get(port: int) -> None:
    status, content = exchange("127.0.0.1", port, "/x", limit=1000)
    assert (status, content) == (202, b"('GET', '/x', None, None, '')")


def test_a_body_is_posted_as_json_and_the_key_goes_along(port: int) -> None:
    _, content = exchange("127.0.0.1", port, "/x", limit=1000, api_key="k", body="{}")
    assert content == b"('POST', '/x', 'Bearer k', 'application/json', '{}')"


def test_no_more_is_read_than_wanted(port: int) -> None:
    assert exchange("127.0.0.1", port, "/x", limit=3) == (202, b"('G")


def test_a_key_that_would_be_two_headers_is_not_sent(port: int) -> None:
    assert exchange("127.0.0.1", port, "/x", limit=9, api_key="k\r\nX-More: 1") == (NO_ANSWER, b"")


@pytest.mark.parametrize("host", ["127.0.0.1", "no..host"])
def test_where_nothing_can_answer_there_is_no_answer(host: str) -> None:
    with socket.socket() as bound:  # and doesn't listen
        bound.bind(("127.0.0.1", 0))
        assert exchange(host, bound.getsockname()[1], "/x", limit=9) == (NO_ANSWER, b"")


def answer_once(raw: bytes) -> tuple[int, bytes]:
    """What is made of these bytes, sent whatever is asked; then the connection ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(raw)

        thread = threading.Thread(target=serve)
        thread.start()
        told = exchange("127.0.0.1", server.getsockname()[1], "/x", limit=100)
        thread.join()
        return told


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", (200, b"abc")),
        (b"HTTP/1.0 503 Busy\r\n\r\nto the end", (503, b"to the end")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 Nothing\r\n\r\n", (204, b"")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", (NO_ANSWER, b"")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", (NO_ANSWER, b"")),
        (b"", (NO_ANSWER, b"")),
    ],
    ids=["in chunks", "to the end of the connection", "after an interim one", "cut short", "no HTTP", "nothing"],
)
def test_an_answer_is_read_as_http_frames_it_and_a_broken_one_is_none(raw: bytes, told: tuple[int, bytes]) -> None:
    assert answer_once(raw) == told
