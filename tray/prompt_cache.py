"""Asks the endpoint what its prompt cache takes, and has it cleared. http.client only: the tray stays light.

`CacheWatch.look` runs on the poller's thread, `CacheWatch.clear` on a thread of its own; what they find is posted.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping

from tray.actions import Action, CacheReport, Noticed
from tray.errors import CacheError, NoAnswer
from tray.health import TIMEOUT_S, Target
from tray.state import CacheFigures, reachable_host

STATS_PATH = "/acore/prompt_cache/stats"
CLEAR_PATH = "/acore/prompt_cache/clear"
LOOK_S = 5.0
"""Between two looks: the figures are read by people, and each answer is made on the engine's thread."""
CLEAR_TIMEOUT_S = 30.0
"""Files may have to go, behind a long step."""
MAX_BODY_BYTES = 1 << 24  # the figures come with a list of keys


class CacheWatch:
    """Reads the figures of an endpoint that serves, now and then, and clears its cache when told."""

    def __init__(
        self, post: Callable[[Action], None], api_key: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._post = post
        self._api_key = api_key
        self._clock = clock
        self._looked: tuple[Target, float] | None = None

    def look(self, target: Target) -> None:
        """Post the figures, unless this endpoint's were posted just now."""
        if self._looked is not None and self._looked[0] == target and self._clock() - self._looked[1] < LOOK_S:
            return
        self._post(CacheReport(target.run, ask_cache(target, self._api_key)))
        self._looked = (target, self._clock())

    def clear(self, target: Target) -> None:
        """Clear it in the background; how that ended, and the figures then, are posted."""
        threading.Thread(target=self._clear, args=(target,), name="clear-cache", daemon=True).start()

    def _clear(self, target: Target) -> None:
        try:
            clear_cache(target, self._api_key)
        except CacheError as error:
            self._post(Noticed(f"Prompt cache not cleared: {error}"))
        else:
            self._post(Noticed("Prompt cache cleared"))
        self._post(CacheReport(target.run, ask_cache(target, self._api_key)))


def ask_cache(target: Target, api_key: str | None = None, timeout_s: float = TIMEOUT_S) -> CacheFigures | None:
    """One look at the figures; None where there are none for us."""
    try:
        return read_figures(ask_stats(target, api_key, timeout_s))
    except CacheError:
        return None


def ask_stats(target: Target, api_key: str | None = None, timeout_s: float = TIMEOUT_S) -> Mapping[str, object]:
    """All that the endpoint tells of its cache. Raises CacheError."""
    status, body = _exchange(target, api_key, "GET", STATS_PATH, timeout_s)
    stats = _member(_parse(body), "stats")
    if status != http.HTTPStatus.OK or not isinstance(stats, Mapping):
        raise _refusal(status, body)
    return stats


def clear_cache(target: Target, api_key: str | None = None, timeout_s: float = CLEAR_TIMEOUT_S) -> None:
    """Have all that is held forgotten. Raises CacheError."""
    status, body = _exchange(target, api_key, "POST", CLEAR_PATH, timeout_s)
    if status != http.HTTPStatus.OK:
        raise _refusal(status, body)


def read_figures(stats: Mapping[str, object]) -> CacheFigures:
    """The figures that people are shown; fields that are missing or make no sense are None."""
    names = ("ram_bytes", "ram_budget_bytes", "disk_bytes", "disk_budget_bytes")
    return CacheFigures(*(_size(stats.get(name)) for name in names))


def read_error(body: bytes) -> str:
    """What a refusal says, as the control plane or as OpenAI's API words it; empty where it says nothing."""
    error = _member(_parse(body), "error")
    message = _member(error, "message") if isinstance(error, Mapping) else error
    return message if isinstance(message, str) else ""


def _refusal(status: int, body: bytes) -> CacheError:
    """The error that an answer amounts to; status 0: there was none."""
    if not status:
        return NoAnswer("the endpoint did not answer")
    if status == http.HTTPStatus.OK:
        return CacheError("the endpoint's answer makes no sense")
    return CacheError(read_error(body) or f"the endpoint answered {status}")


def _exchange(target: Target, api_key: str | None, method: str, path: str, timeout_s: float) -> tuple[int, bytes]:
    """Status and body of one request; (0, b"") where no answer came."""
    connection = http.client.HTTPConnection(reachable_host(target.host), target.port, timeout=timeout_s)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
    try:
        connection.request(method, path, "{}" if method == "POST" else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MAX_BODY_BYTES)
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: a key that no header can carry
        return 0, b""
    finally:
        connection.close()


def _parse(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _size(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
