"""One download as it is shown, and how it changes with what its child says. Pure and frozen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from endpoint.contract import ModelRef
from endpoint.hub_contract import (
    CatalogueKept,
    Done,
    Failed,
    Found,
    HubEvent,
    Progress,
    Started,
    Stopped,
    Verifying,
    Waiting,
    Wish,
)
from tray.downloads.pace import Pace, begin


class DownloadState(StrEnum):
    """Where it is."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (DownloadState.QUEUED, DownloadState.RUNNING, DownloadState.VERIFYING)
"""It goes on by itself."""


@dataclass(frozen=True, slots=True)
class Download:
    """`wanted`: as it was asked for, OWNER/NAME[:FILE|QUANT]; it names the download. `file`: the first file's name,
    empty for a whole repository or when it isn't known yet. Bytes; `total_bytes` 0: not known yet. `bytes_per_s` and
    `seconds_left`: None while they can't be known. `problem`: why it failed; `code`: the same as a FailureCode.
    `waiting`: why nothing comes at the moment; `note`: what was chosen for the user. `ref`: what can be served, once
    it is DONE.
    """

    wanted: str
    repo: str
    file: str = ""
    state: DownloadState = DownloadState.QUEUED
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: int | None = None
    seconds_left: int | None = None
    problem: str = ""
    code: str = ""
    waiting: str = ""
    note: str = ""
    ref: ModelRef | None = None

    @property
    def title(self) -> str:
        """A short name: the file's, or the repository's."""
        return self.file.rpartition("/")[2] or self.repo.rpartition("/")[2] or self.wanted


@dataclass(frozen=True, slots=True)
class Tracked:
    """A download with what is remembered to tell its speed, and where its unfinished files are."""

    shown: Download
    pace: Pace | None = None
    partials: tuple[str, ...] = ()


def track(wanted: str) -> Tracked:
    """One that has only been asked for."""
    return Tracked(Download(wanted, repo=wanted.partition(":")[0]))


def follow(tracked: Tracked, event: HubEvent, now: float) -> Tracked:
    """What it is after this event, heard at `now` (seconds of a monotonic clock)."""
    match event:
        case Started():
            return _start(tracked, event, now)
        case Progress(done, total):
            return _progress(tracked, done, total, now)
        case Waiting(reason, seconds):
            wait = f"{reason}; trying again in {seconds} s" if seconds else reason
            return _show(tracked, waiting=wait, bytes_per_s=None, seconds_left=None)
        case Verifying():
            return _show(tracked, state=DownloadState.VERIFYING, waiting="", bytes_per_s=None, seconds_left=None)
        case Done() | Stopped() | Failed() | Found() | CatalogueKept():
            return replace(_show(tracked, waiting="", bytes_per_s=None, seconds_left=None, **_end(event)), pace=None)


def _start(tracked: Tracked, event: Started, now: float) -> Tracked:
    begun = _show(
        tracked,
        state=DownloadState.RUNNING,
        file=event.file,
        done_bytes=event.done,
        total_bytes=event.total,
        note=event.note,
        problem="",
        code="",
    )
    return replace(begun, pace=begin(event.done, now), partials=event.partials)


def _progress(tracked: Tracked, done: int, total: int, now: float) -> Tracked:
    pace = (tracked.pace or begin(done, now)).follow(done, now)
    moved = _show(
        tracked,
        state=DownloadState.RUNNING,
        done_bytes=done,
        total_bytes=total,
        bytes_per_s=None if pace.rate is None else round(pace.rate),
        seconds_left=pace.seconds_left(total),
        waiting="",
    )
    return replace(moved, pace=pace)


def _end(event: Done | Stopped | Failed | Found | CatalogueKept) -> dict[str, object]:
    match event:
        case Done(provider, model, total, _):
            ref = ModelRef(provider, model)
            return {"state": DownloadState.DONE, "ref": ref, "done_bytes": total, "total_bytes": total}
        case Stopped(Wish.CANCEL):
            return {"state": DownloadState.CANCELLED, "done_bytes": 0}
        case Failed(code, message):
            return {"state": DownloadState.FAILED, "code": code, "problem": message}
        case _:
            return {"state": DownloadState.PAUSED}


def _show(tracked: Tracked, **changes: object) -> Tracked:
    return replace(tracked, shown=replace(tracked.shown, **changes))  # type: ignore[arg-type]  # fields of Download
