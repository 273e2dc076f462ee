"""What the cache did for one request, and why it didn't do more. Values: made on the engine's thread, read on any."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """Where reused state came from."""

    NONE = "none"  # nothing was reused
    RESIDENT = "resident"  # shared with a request that runs
    RAM = "ram"  # a held prefix
    DISK = "disk"  # a saved prefix, read for this request


class Shortfall(StrEnum):
    """Why less was reused than the prompt has."""

    NOTHING = "nothing"  # nothing was missed: only what is new had to be computed
    DIVERGED = "diverged"  # the best candidate goes on otherwise at `shared`
    EVICTED = "evicted"  # it was held, and had to go for others: the byte budget
    EXPIRED = "expired"  # its key's time was up
    CLEARED = "cleared"  # somebody cleared it
    UNLOADED = "unloaded"  # it went with the model, which nobody had used for long
    UNCUTTABLE = "uncuttable"  # the model's state can only be taken up at checkpoints, and none was deeper
    OTHER_MODEL = "other_model"  # saved by another model, template or library
    UNREADABLE = "unreadable"  # it was saved, but could not be read back
    NEW = "new"  # nothing like it was seen; after a restart: nothing like it was saved
    NOT_WANTED = "not_wanted"  # the request scores its prompt, and reuse would hide it


@dataclass(frozen=True, slots=True)
class CacheReport:
    """Of a prompt's tokens, the first `cached` were reused, from `tier`, and from the key named `key` if it was one's.

    `candidate`: the tokens of what shares the longest beginning with the prompt, held now or remembered as lost;
    `shared` of them are the prompt's, `shared >= cached` unless something was lost. `detail`: more on the `shortfall`,
    in words ("the key 'agent' expired 12 s ago"); no prompt text.
    """

    prompt: tuple[int, ...]
    cached: int
    tier: Tier
    shortfall: Shortfall
    key: str | None = None
    candidate: tuple[int, ...] = ()
    shared: int = 0
    detail: str = ""
