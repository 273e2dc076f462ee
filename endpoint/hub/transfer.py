"""Brings one file's bytes to the disk, going on after whatever is there, through interruptions.

Invariant: the partial file is at every moment a beginning of the content, as far as the server was honest; so the
process may be killed at any byte. Bytes are written as they come: nothing waits in a buffer of ours.
"""

from __future__ import annotations

import re
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from endpoint.hub.failure import HubFailure, Interruption
from endpoint.hub.listing import HubFile
from endpoint.hub.meter import Meter
from endpoint.hub.patience import Patience
from endpoint.hub.reporter import Reporter
from endpoint.hub.room import Room
from endpoint.hub.wishes import Wishes, WishHeard
from endpoint.hub_contract import FailureCode

if TYPE_CHECKING:
    import httpx2

WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Before each try after one that brought nothing; one that brought something starts them anew."""
CONNECT_S, SILENCE_S = 15.0, 30.0
CHECK_EVERY = 64 << 20
"""Bytes after which the disk's room is looked at again."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_PARTIAL_CONTENT, _BAD_RANGE = 206, 416


class Transfer:
    """`headers` go with each request to the hub; the HTTP library drops the token where that sends us elsewhere."""

    def __init__(
        self,
        headers: dict[str, str],
        reporter: Reporter,
        wishes: Wishes,
        room: Room,
        waits_s: tuple[float, ...] = WAITS_S,
    ) -> None:
        self._headers = headers
        self._reporter = reporter
        self._wishes = wishes
        self._room = room
        self._waits_s = waits_s

    def fetch(self, url: str, file: HubFile, partial: Path, meter: Meter) -> None:
        """Complete `partial`. Raises HubFailure, WishHeard, and what the HTTP library raises in the end."""
        patience = Patience(self._reporter, self._wishes, self._waits_s)
        self._prepare(partial)
        while (start := _measure(partial, file.size)) < file.size:
            try:
                self._receive(url, file, partial, start, meter)
            except WishHeard:
                raise
            except Exception as error:
                if _measure(partial, file.size) > start:
                    patience.renew()
                patience.bear(error)

    def _prepare(self, partial: Path) -> None:
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.touch()
        except OSError as error:
            raise self._room.translate(error, 0) from error

    def _receive(self, url: str, file: HubFile, partial: Path, start: int, meter: Meter) -> None:
        """One request. Where the hub sends us on to is an address for an hour, so each request begins at the hub."""
        import httpx2
        from huggingface_hub import get_session
        from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]  # exported without saying so

        headers = {**self._headers, "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        timeout = httpx2.Timeout(SILENCE_S, connect=CONNECT_S)
        with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
            if response.status_code == _BAD_RANGE:
                partial.unlink()
                partial.touch()
                raise Interruption("The hub has no such part of the file")
            hf_raise_for_status(response)
            at = _find_start(response, start, file.size)
            try:
                with FileIO(partial, "r+") as out:
                    out.truncate(at)
                    out.seek(at)
                    self._copy(response, out, file, at, meter)
            except OSError as error:
                raise self._room.translate(error, meter.remaining) from error

    def _copy(self, response: httpx2.Response, out: FileIO, file: HubFile, at: int, meter: Meter) -> None:
        """Write what comes from byte `at` on. Raises OSError of the file, HubFailure, WishHeard."""
        check_at = at + CHECK_EVERY
        for block in response.iter_bytes():
            self._wishes.check()
            fresh = memoryview(block)[: file.size - at]  # more than was announced is of no use
            meter.fetched += len(block)
            at += len(fresh)
            while fresh:
                fresh = fresh[out.write(fresh) :]
            meter.set(file.path, at)
            if at >= check_at:
                check_at = at + CHECK_EVERY
                self._room.check(meter.remaining)
        if at < file.size:
            raise Interruption("The hub's answers end too early")


def _find_start(response: httpx2.Response, start: int, size: int) -> int:
    """The byte that the answer begins with: 0 where the server knows no ranges. Raises HubFailure."""
    if response.status_code != _PARTIAL_CONTENT:
        return 0
    told = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if told is None or int(told[1]) > start or told[2] not in ("*", str(size)):
        got = response.headers.get("Content-Range", "no Content-Range")[:80]
        raise HubFailure(FailureCode.SERVER, f"The hub sends another part of a file than was asked for ({got}).")
    return int(told[1])


def _measure(partial: Path, size: int) -> int:
    """Bytes of it that can be gone on after: none of a file that has grown too long."""
    found = partial.stat().st_size
    if found <= size:
        return found
    with FileIO(partial, "r+") as file:
        file.truncate(0)
    return 0
