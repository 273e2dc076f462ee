"""What a person can want of a download. Values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What to do with it."""

    START = "start"  # or go on with it
    PAUSE = "pause"
    CANCEL = "cancel"  # and delete what has come of unfinished files
    FORGET = "forget"  # show it no more


@dataclass(frozen=True, slots=True)
class Fetch:
    """A deed for one download; `wanted` as it was asked for, OWNER/NAME[:FILE|QUANT]."""

    deed: Deed
    wanted: str
