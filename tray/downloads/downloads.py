"""All downloads of this app: one runs, the others wait. Each change is posted as a frozen report.

Callable from any thread, never blocking for long but in `close`. Owned here and guarded by one lock: the downloads by
what was asked for, in the order in which it was, and the child of the one that runs. What a child says comes on that
child's own thread. Invariant: what was handed to `keep` last is what the next app has to go on with, should this one
end now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from endpoint.hub_contract import ENDS, HubEvent, Started, Wish
from tray.downloads.download import ACTIVE, Download, DownloadState, Tracked, follow, track
from tray.downloads.hub_child import HubChild, ask_hub, explain_no_start
from tray.downloads.records import Records, settle
from tray.spawn import Command, hub_command

LAST_S = 5.0
"""How long the running child may take to end when the app does."""
_WORTH_KEEPING = (Started, *ENDS)
"""Events that change what the next app would have to go on with. Not progress: the files tell how far it is."""


@dataclass(frozen=True, slots=True)
class DownloadsChanged:
    """All downloads as they are now, in the order in which they were asked for."""

    downloads: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class _Running:
    """The one that has a child, and what the child was told to do last."""

    wanted: str
    child: HubChild
    wish: Wish | None = None


class Downloads:
    """`post` gets a report with each change, in order, and `keep` what is to be remembered when that is something else;
    both with the lock held: they must not block or call back. `make_command`: the child for these words."""

    def __init__(
        self,
        post: Callable[[DownloadsChanged], None],
        make_command: Callable[[tuple[str, ...]], Command] = hub_command,
        clock: Callable[[], float] = time.monotonic,
        *,
        keep: Callable[[Records], None] | None = None,
    ) -> None:
        self._post = post
        self._make_command = make_command
        self._clock = clock
        self._keep = keep
        self._lock = threading.RLock()
        self._tracked: dict[str, Tracked] = {}
        self._running: _Running | None = None
        self._kept = Records()
        self._bytes_per_s = 0
        self._closed = False

    def resume(self, records: Records) -> None:
        """Take up what an earlier app left, before anything else is asked for: what ran or waited then goes on."""
        with self._lock:
            self._kept, self._bytes_per_s = records, records.bytes_per_s
            self._tracked = {each.shown.wanted: each for each in records.downloads}
            if self._tracked:
                self._report()
                self._run_next()

    def start(self, wanted: str) -> None:
        """Download it, or go on with it; it waits while another one runs. One that runs or waits already stays so."""
        with self._lock:
            known = self._tracked.get(wanted)
            if self._closed or (known and known.shown.state in ACTIVE):
                return
            fresh = known or track(wanted)
            shown = replace(fresh.shown, state=DownloadState.QUEUED, problem="", code="")
            self._tracked.pop(wanted, None)  # to the end of the queue
            self._tracked[wanted] = replace(fresh, shown=shown)
            self._report()
            self._remember()
            self._run_next()

    def pause(self, wanted: str) -> None:
        """Stop it, and keep what has come. `start` goes on."""
        with self._lock:
            self._stop(wanted, Wish.PAUSE, DownloadState.PAUSED)

    def cancel(self, wanted: str) -> None:
        """Stop it, and delete what has come of unfinished files."""
        with self._lock:
            known = self._tracked.get(wanted)
            self._stop(wanted, Wish.CANCEL, DownloadState.CANCELLED)
            if known and known.shown.state is not DownloadState.DONE and not self._is_running(wanted):
                self._discard(known.partials)

    def forget(self, wanted: str) -> None:
        """Show it no more, once it has ended. Files stay."""
        with self._lock:
            known = self._tracked.get(wanted)
            if known and known.shown.state not in ACTIVE:
                del self._tracked[wanted]
                self._report()
                self._remember()

    def close(self) -> None:
        """Stop what runs, start nothing more, and wait for the child's end, some seconds at most. It is the app that
        wants this, not the user: the next one goes on."""
        with self._lock:
            self._remember()
            self._closed = True
            running = self._running
            if running:
                running.child.wish(Wish.PAUSE)
        if running:
            running.child.wait(LAST_S)

    def _stop(self, wanted: str, wish: Wish, state: DownloadState) -> None:
        known = self._tracked.get(wanted)
        if known is None or known.shown.state in (DownloadState.DONE, DownloadState.CANCELLED):
            return
        if self._running and self._is_running(wanted):
            self._running.child.wish(wish)
            self._running = replace(self._running, wish=wish)
            self._remember()
        else:
            done = 0 if wish is Wish.CANCEL else known.shown.done_bytes
            self._set(wanted, state=state, done_bytes=done)

    def _is_running(self, wanted: str) -> bool:
        return self._running is not None and self._running.wanted == wanted

    def _run_next(self) -> None:
        while self._running is None and not self._closed:
            waiting = [name for name, each in self._tracked.items() if each.shown.state is DownloadState.QUEUED]
            if not waiting:
                return
            self._run(waiting[0])

    def _run(self, wanted: str) -> None:
        try:
            child = HubChild(
                self._make_command(("pull", "--patient", "--", wanted)), lambda event: self._hear(wanted, event)
            )
        except OSError as error:
            self._follow(wanted, explain_no_start(error))
            return
        self._running = _Running(wanted, child)
        self._set(wanted, state=DownloadState.RUNNING)

    def _hear(self, wanted: str, event: HubEvent) -> None:
        """On the child's thread. The lock is held while it is started, so that it is known before it says anything."""
        with self._lock:
            if isinstance(event, ENDS):
                self._running = None
            self._follow(wanted, event)
            self._run_next()

    def _follow(self, wanted: str, event: HubEvent) -> None:
        before = self._tracked[wanted]
        self._tracked[wanted] = after = follow(before, event, self._clock())
        if after.pace and after.pace.steady_rate:
            self._bytes_per_s = round(after.pace.steady_rate)
        if after.shown != before.shown:
            self._report()
        if isinstance(event, _WORTH_KEEPING):
            self._remember()

    def _discard(self, partials: tuple[str, ...]) -> None:
        """A child does that, too: it knows whether another program writes the same files."""
        if partials:
            command = self._make_command(("discard", "--", *partials))
            threading.Thread(target=ask_hub, args=(command,), name="hub-discard", daemon=True).start()

    def _set(self, wanted: str, *, state: DownloadState, done_bytes: int | None = None) -> None:
        known = self._tracked[wanted]
        done = known.shown.done_bytes if done_bytes is None else done_bytes
        self._tracked[wanted] = replace(known, shown=replace(known.shown, state=state, done_bytes=done))
        self._report()
        self._remember()

    def _remember(self) -> None:
        """Have it kept, where that isn't what is kept already."""
        if self._closed or self._keep is None:
            return
        told = {self._running.wanted: self._running.wish} if self._running else {}
        left = (settle(each, told.get(name)) for name, each in self._tracked.items())
        records = Records(tuple(each for each in left if each), self._bytes_per_s)
        if records != self._kept:
            self._kept = records
            self._keep(records)

    def _report(self) -> None:
        self._post(DownloadsChanged(tuple(each.shown for each in self._tracked.values())))
