"""What the app and the endpoint that it started say to each other of downloads: a line each, a word and JSON.

The app has the downloads; the endpoint's page shows them, and passes on what a person wants of them
(docs/adr/0023-downloads-on-the-page.md). Standard library only, no side effects, like `endpoint/contract.py`. A line
that makes no sense is no message; unknown fields are ignored.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from types import NoneType
from typing import Any, TypeVar, cast

from endpoint.hub_names import is_wanted

DOWNLOADS_WORD = "downloads"
"""Begins a line on a managed endpoint's standard input: all downloads and offers as they are now."""

WISH_WORD = "WISH"
"""Begins a line on its standard output: what a person wants of one download."""

LONGEST_LINE = 2 << 20
"""Bytes. `format_downloads` stays below it, whatever it is given."""

_MOST = 50
"""Downloads, and offers, in one line; of more, the newest downloads and the first offers."""
LONGEST_TEXT = 400
"""Characters of a field."""
_Table = TypeVar("_Table")


class Deed(StrEnum):
    """What a person can want of a download."""

    START = "start"  # or go on with it
    PAUSE = "pause"
    CANCEL = "cancel"  # and delete what has come of unfinished files
    FORGET = "forget"  # show it no more


@dataclass(frozen=True, slots=True)
class DownloadWish:
    """A deed for one download; `wanted` as it was asked for, OWNER/NAME[:FILE|QUANT]."""

    deed: Deed
    wanted: str


@dataclass(frozen=True, slots=True)
class ToldDownload:
    """A download as the page shows it. `wanted` names it; `state`: queued, running, verifying, paused, done, failed or
    cancelled. Bytes; `total_bytes` 0 and None: not known (yet). `summary`: how it stands, in words. `problem`: why it
    failed; `waiting`: why nothing comes at the moment; `note`: what was chosen for the user. `command`: what serves it,
    once it is done."""

    wanted: str
    title: str
    state: str
    summary: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: int | None = None
    seconds_left: int | None = None
    problem: str = ""
    waiting: str = ""
    note: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class ToldOffer:
    """A model that suits this machine, to be downloaded: `label` has its name, its size and how long that takes."""

    wanted: str
    label: str


@dataclass(frozen=True, slots=True)
class ToldDownloads:
    """All that the page can show, in the app's order."""

    downloads: tuple[ToldDownload, ...] = ()
    offers: tuple[ToldOffer, ...] = ()


def format_downloads(told: ToldDownloads) -> str:
    """One line in ASCII, shorter than LONGEST_LINE: long texts are cut, and what has no name that could be asked for is
    left out."""
    body = {
        "downloads": [_cut(each) for each in told.downloads if is_wanted(each.wanted)][-_MOST:],
        "offers": [_cut(each) for each in told.offers if is_wanted(each.wanted)][:_MOST],
    }
    return f"{DOWNLOADS_WORD} {json.dumps(body)}"


def parse_downloads(line: str) -> ToldDownloads | None:
    """Read such a line; None when it is none, or a field is missing or of the wrong kind."""
    said = _read_body(line, DOWNLOADS_WORD)
    try:
        downloads = _read_all(ToldDownload, said["downloads"])
        return ToldDownloads(downloads, _read_all(ToldOffer, said["offers"]))
    except (KeyError, TypeError, ValueError):
        return None


def format_wish(wish: DownloadWish) -> str:
    """One line in ASCII."""
    return f"{WISH_WORD} {json.dumps(asdict(wish))}"


def parse_wish(line: str) -> DownloadWish | None:
    """Read such a line; None when it is none, or asks for what can't be a download's name."""
    said = _read_body(line, WISH_WORD)
    deed, wanted = said.get("deed"), said.get("wanted")
    known = next((each for each in Deed if each.value == deed), None)
    if known is None or not isinstance(wanted, str) or not is_wanted(wanted):
        return None
    return DownloadWish(known, wanted)


def _read_body(line: str, word: str) -> dict[str, object]:
    """The JSON object after the word; empty when there is none."""
    first, _, text = line.strip().partition(" ")
    if first != word:
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _cut(told: ToldDownload | ToldOffer) -> dict[str, object]:
    return {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in asdict(told).items()}


_ACCEPTED: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "int | None": (int, NoneType)}
"""By a field's annotation, as the source has it."""


def _read_all(kind: type[_Table], said: object) -> tuple[_Table, ...]:
    """Raises TypeError when something is missing, ValueError when it is of the wrong kind."""
    if not isinstance(said, list):
        raise ValueError
    return tuple(_read(kind, each) for each in said)


def _read(kind: type[_Table], said: object) -> _Table:
    if not isinstance(said, dict):
        raise ValueError
    known = {field.name: str(field.type) for field in fields(cast("Any", kind)) if field.name in said}
    if any(type(said[name]) not in _ACCEPTED[annotation] for name, annotation in known.items()):  # exactly: True is int
        raise ValueError
    return kind(**{name: said[name] for name in known})
