"""How the stand-in answers: routes, headers, ranges, and the ways to fail."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hub.repos import Fault, Repo

if TYPE_CHECKING:
    from tests.hub.standin import StandIn

_PIECE = 16 << 10
_RANGE = re.compile(r"bytes=(\d+)-")
_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
_API = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/(?P<what>revision|tree)/(?P<revision>[^/]+)")


class Answering(BaseHTTPRequestHandler):
    """One connection. The server class gives it a way to the stand-in's state."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's own name
        """Tests read the ledger."""

    def answer(self, hub: StandIn, *, is_store: bool) -> None:
        self._hub = hub
        parts = urlsplit(self.path)  # as a proxy, it gets whole addresses
        path = unquote(parts.path)
        if is_store:
            self._answer_store(path.strip("/"))
        elif found := _RESOLVE.fullmatch(path):
            self._answer_resolve(found["repo"], found["revision"], found["file"])
        elif found := _API.fullmatch(path):
            self._answer_api(found["repo"], found["what"])
        elif path == "/api/models":
            self._answer_search(parse_qs(parts.query))
        elif path in hub.extra:
            self._answer_extra(*hub.extra[path])
        else:
            self._refuse(404)

    def _answer_api(self, name: str, what: str) -> None:
        repo = self._hub.repos.get(name)
        if self._token() in self._hub.bad_tokens:
            self._refuse(401, message="Invalid credentials in Authorization header")
        elif repo is None:
            self._refuse(401 if not self._token() else 404, code="RepoNotFound")
        elif repo.listing_status:
            self._refuse(repo.listing_status)
        else:
            self._say_json(repo.describe() if what == "revision" else repo.list_tree())

    def _answer_search(self, query: dict[str, list[str]]) -> None:
        words = query.get("search", [""])[0].lower()
        wanted = set(query.get("filter", []))
        found = [repo for repo in self._hub.repos.values() if words in repo.name.lower() and wanted <= set(repo.tags)]
        self._say_json([repo.summarise() for repo in found])

    def _answer_resolve(self, name: str, revision: str, path: str) -> None:
        repo = self._hub.repos.get(name)
        if repo is None or revision not in ("main", repo.commit) or path not in repo.files:
            self._refuse(404, code="EntryNotFound" if repo else "RepoNotFound")
        elif repo.gate and self._token() != repo.gate:
            self._refuse(403 if self._token() else 401, code="GatedRepo", message="Access to this model is restricted.")
        elif repo.is_lfs(path):
            self._redirect(repo, path)
        else:
            self._send_content(repo, repo.files[path], repo.etag(path), {"X-Repo-Commit": repo.commit})

    def _redirect(self, repo: Repo, path: str) -> None:
        etag = repo.etag(path)
        self.send_response(302)
        self.send_header("X-Repo-Commit", repo.commit)
        self.send_header("X-Linked-Etag", f'"{etag}"')
        self.send_header("X-Linked-Size", str(len(repo.files[path])))
        self.send_header("ETag", f'"{"b" * 40}"')
        self.send_header("Location", f"{self._hub.store_url}/{etag}?X-Amz-Signature=secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer_store(self, etag: str) -> None:
        found = self._hub.find_content(etag)
        if found is None:
            self._refuse(404)
        else:
            self._send_content(*found, etag, {})

    def _answer_extra(self, content: bytes, etag: str) -> None:
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", "0" if is_known else str(len(content)))
        self.end_headers()
        if not is_known:
            self.wfile.write(content)

    def _send_content(self, repo: Repo, content: bytes, etag: str, headers: dict[str, str]) -> None:
        fault = repo.faults.pop(0) if repo.faults and self.command == "GET" else Fault()
        if fault.status:
            self._refuse(fault.status, headers=fault.headers)
            return
        asked = _RANGE.fullmatch(self.headers.get("Range", "")) if repo.reads_ranges else None
        start = int(asked[1]) if asked else 0
        if asked and start >= len(content):
            self._refuse(416)
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in {**headers, "ETag": f'"{etag}"', "Content-Length": str(len(content) - start)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            if fault.wrong:
                content = content[:-1] + bytes([content[-1] ^ 1])
            self._send_pieces(content[start:], fault.reset_after)

    def _send_pieces(self, content: bytes, reset_after: int | None) -> None:
        begun, sent = time.monotonic(), 0
        for at in range(0, len(content), _PIECE):
            piece = content[at : at + _PIECE]
            if reset_after is not None and at + len(piece) > reset_after:
                self._reset()
                return
            self.wfile.write(piece)
            sent += len(piece)
            self._hub.ledger.add(len(piece))
            if self._hub.rate:
                time.sleep(max(0.0, begun + sent / self._hub.rate - time.monotonic()))  # the rate is what is tested

    def _reset(self) -> None:
        """As a router that forgets a connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _token(self) -> str:
        return str(self.headers.get("Authorization", "")).removeprefix("Bearer ")

    def _say_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(
        self, status: int, code: str = "", message: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.send_response(status)
        told = {"X-Error-Code": code, "X-Error-Message": message, "Content-Length": "0"}
        for name, value in (*told.items(), *headers):
            if value:
                self.send_header(name, value)
        self.end_headers()
