"""Asks the endpoint what its prompt cache takes, and has it cleared.

`CacheWatch.look` runs on the poller's thread, `CacheWatch.clear` on a thread of its own; what they find is posted.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from tray.actions import Action, CacheReport, HealthReport, Noticed
from tray.errors import CacheError, NoAnswer
from tray.exchange import NO_ANSWER, USUAL_TIMEOUT_S, exchange
from tray.figures import CacheFigures, HealthFigures, NamedKey
from tray.health import Target
from tray.reading import member, number, parse, size, text

STATS_PATH = "/acore/prompt_cache/stats"
CLEAR_PATH = "/acore/prompt_cache/clear"
RECENT_PATH = "/acore/prompt_cache/recent?limit=20"
EXPLAIN_PATH = "/acore/prompt_cache/explain?request_id="
LOOK_S = 10.0
"""Between two looks while /health tells of no change: each answer is made on the engine's thread."""
MOST_KEYS = 20
"""Named keys that a menu has room for; the largest."""
CLEAR_TIMEOUT_S = 30.0
"""Files may have to go, behind a long step."""
_NO_MISS = frozenset({"", "nothing", "new", "not_wanted"})
"""What /recent calls a request that had nothing to reuse, or didn't want to."""
MAX_BODY_BYTES = 1 << 24  # the figures come with a list of keys


class CacheWatch:
    """Reads the figures of an endpoint that serves, when they have changed, and clears its cache when told."""

    def __init__(
        self, post: Callable[[Action], None], api_key: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._post = post
        self._api_key = api_key
        self._clock = clock
        self._looked: tuple[object, float] | None = None
        self._miss = ("", "")  # a request and its explanation, which is dear to make

    def look(self, target: Target, report: HealthReport) -> None:
        """Post the figures, unless nothing points to other ones than were posted just now."""
        figures = report.figures or HealthFigures()
        mark = (target, figures.requests, figures.memory)
        if self._looked is not None and self._looked[0] == mark and self._clock() - self._looked[1] < LOOK_S:
            return
        self._post(CacheReport(target.run, self._ask(target)))
        self._looked = (mark, self._clock())

    def _ask(self, target: Target) -> CacheFigures | None:
        found = ask_cache(target, self._api_key)
        if found is None:
            return None
        request_id = ask_last_missed(target, self._api_key)
        if request_id != self._miss[0]:
            self._miss = (request_id, explain_miss(target, request_id, self._api_key) if request_id else "")
        return replace(found, last_miss=self._miss[1])

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
        self._post(CacheReport(target.run, self._ask(target)))


def ask_cache(target: Target, api_key: str | None = None, timeout_s: float = USUAL_TIMEOUT_S) -> CacheFigures | None:
    """One look at the figures, the last miss apart; None where there are none for us."""
    try:
        return read_figures(ask_stats(target, api_key, timeout_s))
    except CacheError:
        return None


def ask_last_missed(target: Target, api_key: str | None = None, timeout_s: float = USUAL_TIMEOUT_S) -> str:
    """The id of the newest request that missed something; empty where none did, or it isn't told."""
    _, body = _send(target, api_key, RECENT_PATH, timeout_s)
    lines = member(parse(body), "requests")
    missed = (line for line in lines if text(member(line, "miss")) not in _NO_MISS) if isinstance(lines, list) else ()
    return text(member(next(iter(missed), None), "request_id"))


def explain_miss(
    target: Target, request_id: str, api_key: str | None = None, timeout_s: float = USUAL_TIMEOUT_S
) -> str:
    """Why a request missed something, in a sentence or two; empty where that isn't told."""
    status, body = _send(target, api_key, EXPLAIN_PATH + quote(request_id, safe=""), timeout_s)
    return text(member(parse(body), "summary")) if status == HTTPStatus.OK else ""


def ask_stats(target: Target, api_key: str | None = None, timeout_s: float = USUAL_TIMEOUT_S) -> Mapping[str, object]:
    """All that the endpoint tells of its cache. Raises CacheError."""
    status, body = _send(target, api_key, STATS_PATH, timeout_s)
    stats = member(parse(body), "stats")
    if status != HTTPStatus.OK or not isinstance(stats, Mapping):
        raise _refusal(status, body)
    return stats


def clear_cache(target: Target, api_key: str | None = None, timeout_s: float = CLEAR_TIMEOUT_S) -> None:
    """Have all that is held forgotten. Raises CacheError."""
    status, body = _send(target, api_key, CLEAR_PATH, timeout_s, "{}")
    if status != HTTPStatus.OK:
        raise _refusal(status, body)


def read_figures(stats: Mapping[str, object]) -> CacheFigures:
    """The figures that people are shown; fields that are missing or make no sense are None."""
    meta = stats.get("meta_by_key")
    keys = [_read_key(str(name), told) for name, told in meta.items()] if isinstance(meta, Mapping) else []
    return CacheFigures(
        size(stats.get("ram_bytes")),
        size(stats.get("ram_budget_bytes")),
        size(stats.get("disk_bytes")),
        size(stats.get("disk_budget_bytes")),
        tuple(sorted(keys, key=lambda key: (-key.size, key.name))[:MOST_KEYS]),
    )


def _read_key(name: str, told: object) -> NamedKey:
    left_s = number(member(told, "expires_in_s"))
    return NamedKey(name, size(member(told, "bytes")) or 0, None if left_s is None else math.ceil(left_s / 60))


def read_error(body: bytes) -> str:
    """What a refusal says, as the control plane or as OpenAI's API words it; empty where it says nothing."""
    error = member(parse(body), "error")
    message = member(error, "message") if isinstance(error, Mapping) else error
    return message if isinstance(message, str) else ""


def _refusal(status: int, body: bytes) -> CacheError:
    """The error that an answer amounts to; NO_ANSWER: there was none."""
    if status == NO_ANSWER:
        return NoAnswer("the endpoint did not answer")
    if status == HTTPStatus.OK:
        return CacheError("the endpoint's answer makes no sense")
    return CacheError(read_error(body) or f"the endpoint answered {status}")


def _send(
    target: Target, api_key: str | None, path: str, timeout_s: float, body: str | None = None
) -> tuple[int, bytes]:
    """Status and content of one request."""
    return exchange(
        target.host, target.port, path, limit=MAX_BODY_BYTES, api_key=api_key, body=body, timeout_s=timeout_s
    )
