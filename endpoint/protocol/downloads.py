"""/app/downloads: the body of a wish, and what is told, as pydantic models for the OpenAPI page. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from endpoint.app_contract import Deed, DownloadWish, ToldDownloads
from endpoint.errors import BodyTooLarge, InvalidRequest
from endpoint.hub_names import is_wanted
from endpoint.protocol.validation import parse_body
from endpoint.protocol.wire import WireModel

LONGEST_BODY = 4096
"""Bytes."""


class DownloadWishBody(WireModel):
    """What to do with a download. Anything not listed here is accepted and ignored."""

    deed: Annotated[
        Literal["start", "pause", "cancel", "forget"],
        Field(description="`start` goes on with one that is paused, too; `forget` shows it no more"),
    ]
    wanted: Annotated[str, Field(description="OWNER/NAME, OWNER/NAME:QUANT or OWNER/NAME:FILE")]


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AppDownload(_Exact):
    """A download of the app's. Bytes; `total_bytes` 0: not known yet; `bytes_per_s` and `seconds_left` null: not known.
    `summary`: how it stands, in words; `command`: what serves it, once it is done."""

    wanted: str
    title: str
    state: str
    summary: str
    done_bytes: int
    total_bytes: int
    bytes_per_s: int | None
    seconds_left: int | None
    problem: str
    waiting: str
    note: str
    command: str


class AppOffer(_Exact):
    """A model that suits this machine and isn't on it."""

    wanted: str
    label: str


class AppDownloads(_Exact):
    """`available`: an app started this endpoint and looks after downloads; else the lists are empty."""

    available: bool
    downloads: list[AppDownload]
    offers: list[AppOffer]


class WishPassedOn(_Exact):
    """The app has been told of this; what becomes of it, GET tells."""

    deed: Literal["start", "pause", "cancel", "forget"]
    wanted: str


def read_download_wish(body: bytes) -> DownloadWish:
    """Check the body. Raises InvalidRequest naming the field, BodyTooLarge."""
    if len(body) > LONGEST_BODY:
        raise BodyTooLarge(f"The body is longer than {LONGEST_BODY:,} bytes, the most that is taken here.")
    wire = parse_body(body, DownloadWishBody)
    wanted = wire.wanted.strip()
    if not is_wanted(wanted):
        raise InvalidRequest(
            "That names no model of the hub. It is OWNER/NAME, OWNER/NAME:QUANT or OWNER/NAME:FILE, as in "
            "unsloth/Qwen3-4B-GGUF:Q4_0.",
            "wanted",
        )
    return DownloadWish(Deed(wire.deed), wanted)


def write_downloads(told: ToldDownloads | None) -> dict[str, object]:
    """An AppDownloads; None: no app has told anything."""
    return {"available": told is not None, **asdict(told or ToldDownloads())}
