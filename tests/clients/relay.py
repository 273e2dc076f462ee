"""A relay on loopback between a client and the endpoint: it passes all on as it comes and keeps what went by.

Owner: the thread that makes it; each connection has a thread of its own, and `exchanges` is only appended to.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.clients.exchanges import Exchange

PATIENCE_S = 300
SETTLE_S = 30
_HOP = {"connection", "transfer-encoding", "keep-alive", "host", "content-length"}


class Relay(ThreadingHTTPServer):
    """Listens on a free port and forwards to `target` on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.exchanges: list[Exchange] = []
        self._open = 0
        self._closed = threading.Condition()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count an exchange as open until the block ends."""
        with self._closed:
            self._open += 1
        try:
            yield
        finally:
            with self._closed:
                self._open -= 1
                self._closed.notify_all()

    def settle(self) -> None:
        """Wait until all exchanges are kept: a client may be gone before the relay has seen the end of its answer."""
        with self._closed:
            self._closed.wait_for(lambda: self._open == 0, SETTLE_S)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes is no news here: its exchange says so."""


@contextlib.contextmanager
def relaying(target: int) -> Iterator[Relay]:
    """Relay until the block ends."""
    with Relay(target) as relay:
        thread = threading.Thread(target=relay.serve_forever)
        thread.start()
        try:
            yield relay
        finally:
            relay.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay
    methods: ClassVar = ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "PUT", "PATCH")

    def __getattr__(self, name: str) -> object:
        """http.server calls do_GET and the like; all are one to us."""
        if name.removeprefix("do_") in self.methods:
            return self.forward
        raise AttributeError(name)

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the base class's name
        """Silence."""

    def forward(self) -> None:
        """One exchange."""
        with self.server.counting():
            self._forward()

    def _forward(self) -> None:
        body = self._read_body()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            pieces: list[bytes] = []
            try:
                self._pass_on(answer, pieces)
            finally:
                kind = answer.getheader("content-type") or ""
                seen = Exchange(self.command, self.path, body, answer.status, kind, b"".join(pieces))
                self.server.exchanges.append(seen)

    def _read_body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _pass_on(self, answer: http.client.HTTPResponse, pieces: list[bytes]) -> None:
        """Send head and body; what has been sent lies in `pieces`."""
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = answer.getheader("content-length")
        self.send_header(*(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length)))
        self.end_headers()
        if self.command == "HEAD":
            return
        while piece := answer.read1(1 << 16):
            self.wfile.write(piece if length is not None else b"%X\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
            pieces.append(piece)
        if length is None:
            self.wfile.write(b"0\r\n\r\n")
