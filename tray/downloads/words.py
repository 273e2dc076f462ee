"""A download in words: a figure for a menu, a bar for a terminal, fields for programs. Pure."""

from __future__ import annotations

from dataclasses import asdict

from tray.downloads.download import Download, DownloadState
from tray.wording import format_seconds

_SOLID, _PLAIN = ("█", "░"), ("#", "-")
_SHORTEST_BAR, _USUAL_BAR, _LONGEST_BAR = 8, 12, 30
_SHORTEST_TITLE = 12
_FACTS = 47
"""Cells that the figures mostly need: kept free for them, so that the bar doesn't change its length with each digit."""


def describe_progress(download: Download) -> str:
    """`37% · 12 MB/s · 3 min left`: few digits, since each change redraws a menu that may be open."""
    if download.state is DownloadState.QUEUED:
        return "waiting for the one before"
    if download.waiting:
        return download.waiting
    share = f"{find_percent(download)}%"
    if download.state is DownloadState.VERIFYING:
        return "verifying"
    if download.state is not DownloadState.RUNNING:
        return f"{download.state.value} at {share}" if download.state is DownloadState.PAUSED else download.state.value
    return " · ".join([share, *_describe_speed(download)])


def find_percent(download: Download) -> int:
    """0 to 100, and 100 only when all is there."""
    return download.done_bytes * 100 // download.total_bytes if download.total_bytes else 0


def draw_bar(download: Download, width: int, *, is_plain: bool = False) -> str:
    """One line of at most `width` cells: title, bar, bytes, speed, time left. `is_plain`: in ASCII alone."""
    facts = _describe_facts(download)
    if is_plain:
        facts = facts.encode("ascii", "replace").decode()
    room = width - max(len(facts), min(_FACTS, width)) - 4
    title = _cut(download.title, max(_SHORTEST_TITLE, room - _USUAL_BAR), is_plain=is_plain)
    cells = min(_LONGEST_BAR, room - len(title))
    if cells < _SHORTEST_BAR:
        return f"{title}  {facts}"[:width]
    full, empty = _PLAIN if is_plain else _SOLID
    done = cells * download.done_bytes // download.total_bytes if download.total_bytes else 0
    return f"{title}  {full * done}{empty * (cells - done)}  {facts}"


def describe_for_programs(download: Download) -> dict[str, object]:
    """The fields of one line of JSON. They stay; more may come."""
    told = asdict(download)
    told["state"] = download.state.value
    told["percent"] = find_percent(download)
    return told


def format_size(count: int) -> str:
    """With as many digits as show that something moves: 4.7 MB, 812 MB, 4.71 GB."""
    if count < 1_000_000:
        return f"{max(0, count) / 1e3:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1e6:.1f} MB" if count < 10_000_000 else f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.2f} GB"


def _describe_facts(download: Download) -> str:
    share = f"{find_percent(download):3}%"
    if download.waiting:
        return f"{share}  {download.waiting}"
    parts = [share, f"{format_size(download.done_bytes)} of {format_size(download.total_bytes)}"]
    if download.state is not DownloadState.RUNNING:
        parts.append(download.state.value)
    return "  ".join([*parts, *_describe_speed(download)])


def _describe_speed(download: Download) -> list[str]:
    """In two digits, as a person reads them."""
    if download.bytes_per_s is None:
        return []
    rounded = int(float(f"{download.bytes_per_s:.2g}"))
    left = download.seconds_left
    return [f"{format_size(rounded)}/s", *([] if left is None else [f"{_format_left(left)} left"])]


def _format_left(seconds: int) -> str:
    """In steps that hold for a while: 9 s, 40 s, 3 min."""
    step = 1 if seconds < 10 else 5  # ten is where a second no longer matters
    return f"{seconds - seconds % step} s" if seconds < 90 else format_seconds(seconds)  # as format_seconds


def _cut(title: str, width: int, *, is_plain: bool) -> str:
    """Both ends: what tells models of a family apart is mostly at the end."""
    if len(title) <= width:
        return title
    mark = "~" if is_plain else "…"
    head = (width - 1) // 2
    return f"{title[:head]}{mark}{title[len(title) - (width - 1 - head) :]}"
