"""A small real HTTP server that answers as the endpoint's prompt cache routes do, or as a test says."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tray.figures import CacheFigures

STATS = {"stats": {"ram_bytes": 34, "ram_budget_bytes": 512, "disk_bytes": 7, "disk_budget_bytes": 99, "keys": []}}
FIGURES = CacheFigures(34, 512, 7, 99)


class Server(ThreadingHTTPServer):
    """Answers all that it is asked with `code` and `body`, and remembers it."""

    daemon_threads = True
    code = 200
    body = json.dumps(STATS).encode()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str, str | None]] = []
        self.bodies: dict[str, bytes] = {}  # by a part of the path, before `body`


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.answer("")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, sent: str) -> None:
        self.server.asked.append((self.command, self.path, sent, self.headers["Authorization"]))
        body = next((body for part, body in self.server.bodies.items() if part in self.path), self.server.body)
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def cache_server() -> Iterator[Server]:
    """One on a free port, until the block ends."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()
