"""The app's downloads and offers as the endpoint's page is told of them: in the menu's words, ready to show. Pure."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from subprocess import list2cmdline

from endpoint.app_contract import LONGEST_TEXT, ToldDownload, ToldDownloads, ToldOffer
from endpoint.contract import DEFAULT_PROVIDER, ModelRef
from tray.downloads.download import ACTIVE, Download, DownloadState
from tray.downloads.words import describe_progress
from tray.surroundings import Offer


def tell_downloads(downloads: Iterable[Download], offers: Iterable[Offer]) -> ToldDownloads:
    """All of them; what is on its way or here isn't offered."""
    shown = tuple(downloads)
    taken = {each.wanted for each in shown if each.state in (*ACTIVE, DownloadState.DONE)}
    new = (offer for offer in offers if offer.wanted not in taken)
    return ToldDownloads(tuple(map(_tell, shown)), tuple(ToldOffer(each.wanted, each.label) for each in new))


def _tell(download: Download) -> ToldDownload:
    return ToldDownload(
        wanted=download.wanted,
        title=download.title,
        state=download.state.value,
        summary=describe_progress(download),
        done_bytes=download.done_bytes,
        total_bytes=download.total_bytes,
        bytes_per_s=download.bytes_per_s,
        seconds_left=download.seconds_left,
        problem=download.problem,
        waiting=download.waiting,
        note=download.note,
        command="" if download.ref is None else write_command(download.ref, sys.platform),
    )


def write_command(ref: ModelRef, platform: str) -> str:
    """What serves it, for its user to type: by its path, which no other model has. Empty: too long to be shown."""
    words = ["traypoint", "use", ref.model]
    if ref.provider != DEFAULT_PROVIDER:  # a repository: its name alone doesn't say what runs it
        words += ["--provider", ref.provider]
    command = list2cmdline(words) if platform == "win32" else shlex.join(words)
    return command if len(command) <= LONGEST_TEXT else ""
