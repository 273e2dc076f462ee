"""For which rows tokens may be computed ahead (docs/adr/0009-prompt-lookup.md). Pure."""

from __future__ import annotations

from enum import Enum, auto

from endpoint.providers.base import Sampling
from endpoint.providers.options import Speculation


class Trust(Enum):
    """For which rows drafts are allowed."""

    NOBODY = auto()
    UNSEEDED = auto()  # those that draw at random: of them nobody can expect the same answer twice
    ALL = auto()


def choose_trust(wish: Speculation, *, trimmable: bool, is_exact: bool) -> Trust:
    """Drafts must not change answers: where a batch rounds otherwise than single tokens do, they would."""
    if wish is Speculation.OFF or not trimmable:
        return Trust.NOBODY
    return Trust.ALL if wish is Speculation.ON or is_exact else Trust.UNSEEDED


def may_draft(trust: Trust, sampling: Sampling) -> bool:
    """Whether a row that draws so may have drafts."""
    is_unseeded = sampling.temperature > 0 and sampling.seed is None
    return trust is Trust.ALL or (trust is Trust.UNSEEDED and is_unseeded)
