"""One HTTP exchange with an endpoint. The only user of http.client here: a bigger client would weigh the tray down.

Blocks for as long as `timeout_s` lets each step take, on whatever thread asks.
"""

from __future__ import annotations

import http.client

from tray.state import reachable_host

USUAL_TIMEOUT_S = 2.0
NO_ANSWER = 0
"""In the place of HTTP's status."""


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
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(limit)
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: a key that no header can carry
        return NO_ANSWER, b""
    finally:
        connection.close()
