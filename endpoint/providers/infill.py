"""How a model is told to fill a gap. A value, apart from `base.py` for its length alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InfillTokens:
    """The control tokens before the text, before what follows the gap, and where the gap's text begins."""

    prefix: int
    suffix: int
    middle: int
