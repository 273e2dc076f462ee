"""What a client saw of one generation, and what follows from it. Pure. Times are time.perf_counter() seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Trace:
    """One streamed answer. `arrivals`: when each event with text came; `tokens` as the server counts them."""

    sent_at: float
    arrivals: tuple[float, ...]
    tokens: int
    text: str

    @property
    def first_token_s(self) -> float:
        """From sending to the first text."""
        return self.arrivals[0] - self.sent_at

    @property
    def decode_rate(self) -> float:
        """Tokens a second after the first, so that prefill doesn't count."""
        seconds = self.arrivals[-1] - self.arrivals[0]
        return (self.tokens - 1) / seconds if seconds > 0 else 0.0

    def worst_gap_s(self, since: float, until: float) -> float:
        """The longest wait between two texts that overlaps the window. 0 when the stream was over before it."""
        gaps = (b - a for a, b in pairwise(self.arrivals) if b > since and a < until)
        return max(gaps, default=0.0)


def read_trace(sent_at: float, events: Sequence[tuple[float, bytes]]) -> Trace:
    """Make a trace of a completion's events. Raises ValueError for an error event or an answer without text.

    Tokens are `usage.completion_tokens` where the server tells them, else the number of events with text.
    """
    arrivals, pieces, counted = [], [], None
    for at, payload in events:
        if payload == b"[DONE]":
            continue
        event: dict[str, Any] = json.loads(payload)
        if "error" in event:
            raise ValueError(f"the server answered {event['error']}")
        counted = (event.get("usage") or {}).get("completion_tokens", counted)
        text = "".join(choice.get("text") or "" for choice in event.get("choices") or ())
        if text:
            arrivals.append(at)
            pieces.append(text)
    if not arrivals:
        raise ValueError("the answer has no text")
    return Trace(sent_at, tuple(arrivals), counted or len(arrivals), "".join(pieces))
