"""The flags that say how requests are sampled that don't say themselves; named as llama-server's. Pure."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from endpoint.providers.sampling_wish import SPANS

_FLAGS = {
    "temperature": "0 always takes the likeliest token",
    "top_p": "keep the likeliest tokens that together have this probability; 1: off",
    "top_k": "keep so many of the likeliest tokens; 0 and -1: off",
    "min_p": "keep tokens with this share of the likeliest one's probability; 0: off",
    "repeat_penalty": "divide the chances of the last 64 tokens; 1: off",
    "presence_penalty": "take from the chances of what the answer has said; 0: off",
    "frequency_penalty": "take so much for each time that it has said it; 0: off",
}
"""Field of a SamplingWish -> what it does."""
_OTHER_NAMES = {"temperature": ("--temp",)}


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add them, as a group of their own."""
    group = parser.add_argument_group(
        "sampling, where a request doesn't say (default: what the model's files recommend, else llama.cpp's values)"
    )
    for field, meaning in _FLAGS.items():
        names = (f"--{field.replace('_', '-')}", *_OTHER_NAMES.get(field, ()))
        group.add_argument(*names, type=reader(field), metavar="N", help=meaning)


def reader(field: str) -> Callable[[str], float]:
    """Reads a number that `field` may be. It raises ArgumentTypeError."""
    span = SPANS[field]

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan  # in no span
        if number not in span:
            raise argparse.ArgumentTypeError(f"it must be {span}, got {text!r}")
        return number

    return read
