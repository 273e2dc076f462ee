"""A stand-in for Hugging Face's hub: real HTTP on loopback, a host for the hub and another for large files.

It speaks what huggingface_hub 2.4 asks of models (listing, tree, search, resolve with its headers, redirects to another
host, ranges), counts the bytes of content that it sends, and fails as it is told to. It is a proxy for plain HTTP, too.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from types import TracebackType

from tests.hub.answers import Answering
from tests.hub.repos import Repo

_SEND_BUFFER = 64 << 10
"""Small, so that what is counted as sent has been received, or nearly so."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, its headers' names in small letters. `host`: "hub" or "store"."""

    host: str
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Ledger:
    """What has been asked for and sent. `content`: bytes of files; `moved`: notified with each piece."""

    requests: list[Request] = field(default_factory=list)
    content: int = 0
    moved: threading.Condition = field(default_factory=threading.Condition)

    def note(self, request: Request) -> None:
        with self.moved:
            self.requests.append(request)
            self.moved.notify_all()

    def add(self, count: int) -> None:
        with self.moved:
            self.content += count
            self.moved.notify_all()

    def wait_for(self, content: int, timeout_s: float = 30) -> bool:
        """Until so many bytes of content have been sent."""
        with self.moved:
            return self.moved.wait_for(lambda: self.content >= content, timeout_s)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    host_name = ""
    hub: StandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


class _Handler(Answering):
    def setup(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        super().setup()

    def handle_one(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.hub.ledger.note(Request(server.host_name, self.command, self.path, headers))
        self.answer(server.hub, is_store=server.host_name == "store")

    do_GET = handle_one  # noqa: N815  # http.server's own names
    do_HEAD = handle_one  # noqa: N815


class StandIn:
    """Runs while its `with` block does. `rate`: bytes of content a second on each connection, 0: as fast as can be.
    `extra`: other files of the hub's host, by path: content and ETag."""

    def __init__(self, *repos: Repo, rate: int = 0) -> None:
        self.repos = {repo.name: repo for repo in repos}
        self.rate = rate
        self.ledger = Ledger()
        self.extra: dict[str, tuple[bytes, str]] = {}
        self.bad_tokens: set[str] = set()
        self._hub, self._store = self._serve("hub"), self._serve("store")

    def __enter__(self) -> StandIn:
        for server in (self._hub, self._store):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in (self._hub, self._store):
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._hub.server_port}"

    @property
    def store_url(self) -> str:
        return f"http://localhost:{self._store.server_port}"

    def find_content(self, etag: str) -> tuple[Repo, bytes] | None:
        """The large file with this hash."""
        for repo in self.repos.values():
            for path, content in repo.files.items():
                if repo.etag(path) == etag:
                    return repo, content
        return None

    def _serve(self, name: str) -> _Server:
        server = _Server(("127.0.0.1", 0), _Handler)
        server.host_name, server.hub = name, self
        return server
