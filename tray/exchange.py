"""One HTTP exchange with an endpoint. By h11, which uvicorn brings anyway: http.client loads OpenSSL, 6 MB that a tray
which only speaks to this machine has no use for.

Blocks for as long as `timeout_s` lets each step take, on whatever thread asks.
"""

from __future__ import annotations

import socket

import h11

from tray.state import reachable_host, url_host

USUAL_TIMEOUT_S = 2.0
NO_ANSWER = 0
"""In the place of HTTP's status."""
_PIECE = 1 << 16


def exchange(
    host: str,
    port: int,
    path: str,
    *,
    limit: int,
    api_key: str | None = None,
    body: str | None = None,
    timeout_s: float = USUAL_TIMEOUT_S,
) -> tuple[int, bytes]:
    """GET, or POST where there is a `body` (JSON): the answer's status, and of its content `limit` bytes at most;
    (NO_ANSWER, b"") where none came. Raises nothing.
    """
    try:
        wire = h11.Connection(h11.CLIENT)
        request = _write_request(wire, f"{url_host(host)}:{port}", path, api_key, body)
        with socket.create_connection((reachable_host(host), port), timeout_s) as connection:
            connection.sendall(request)
            return _read_answer(connection, wire, limit)
    except (OSError, h11.ProtocolError, ValueError):  # ValueError: a key that no header can carry
        return NO_ANSWER, b""


def _write_request(wire: h11.Connection, host: str, path: str, api_key: str | None, body: str | None) -> bytes:
    content = b"" if body is None else body.encode()
    headers = [("Host", host), ("Accept-Encoding", "identity")]
    headers += [("Authorization", f"Bearer {api_key}")] if api_key else []
    headers += [] if body is None else [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    # As bytes: h11 takes text in ASCII alone, and a key may have letters of Latin-1.
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    request = h11.Request(method="GET" if body is None else "POST", target=path, headers=encoded)
    events = (request, h11.Data(data=content), h11.EndOfMessage()) if content else (request, h11.EndOfMessage())
    return b"".join(wire.send(event) or b"" for event in events)


def _read_answer(connection: socket.socket, wire: h11.Connection, limit: int) -> tuple[int, bytes]:
    """Raises OSError, ProtocolError when it ends too early or is no HTTP."""
    status, content = NO_ANSWER, bytearray()
    while len(content) < limit:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(connection.recv(_PIECE))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            content += event.data
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    return status, bytes(content[:limit])
