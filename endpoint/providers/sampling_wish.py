"""What somebody would have of sampling, field by field: a request, the command line, a model's maker. Values; pure.

The same ranges hold for all of them. `protocol/sampling.py` makes a Sampling of wishes.
"""

from __future__ import annotations

import logging
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SamplingWish:
    """Fields of `Sampling`, with its meanings; None says nothing. A `top_k` of -1 is off, as 0 is."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None

    def said(self) -> dict[str, Any]:  # the values' types differ, and `replace` is told each field's
        """Name and value of the fields that are not None."""
        return {name: value for name in SPANS if (value := getattr(self, name)) is not None}

    def over(self, other: SamplingWish) -> SamplingWish:
        """This wish, and where it says nothing, the other."""
        return replace(other, **self.said())


NO_WISH = SamplingWish()


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from `low` to `high`, both included; `above`: `low` is not. `whole`: no fractions."""

    low: float
    high: float
    above: bool = False
    whole: bool = False

    def __contains__(self, number: float) -> bool:
        begins = number > self.low if self.above else number >= self.low
        return begins and number <= self.high and (not self.whole or float(number).is_integer())

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} above {self.low}, up to {self.high}" if self.above else f"{kind} from {self.low} to {self.high}"


SPANS: Mapping[str, Span] = {
    "temperature": Span(0, 2),
    "top_p": Span(0, 1),
    "top_k": Span(-1, 1_000_000, whole=True),
    "min_p": Span(0, 1),
    "repeat_penalty": Span(0, 10, above=True),
    "presence_penalty": Span(-2, 2),
    "frequency_penalty": Span(-2, 2),
}
"""What each field of a SamplingWish may be."""


def read_wish(found: Mapping[str, object], source: str) -> SamplingWish:
    """What a model's file says, by our names. Values that make no sense, and null, say nothing; the first are told in
    the log, with their `source`."""

    def pick(name: str) -> float | None:
        value = found.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and value in SPANS[name]:
            return float(value)
        _LOGGER.warning("%s: %s must be %s, not %s; left out.", source, name, SPANS[name], reprlib.repr(value))
        return None

    top_k = pick("top_k")
    return SamplingWish(
        temperature=pick("temperature"),
        top_p=pick("top_p"),
        top_k=None if top_k is None else int(top_k),
        min_p=pick("min_p"),
        repeat_penalty=pick("repeat_penalty"),
        presence_penalty=pick("presence_penalty"),
        frequency_penalty=pick("frequency_penalty"),
    )
