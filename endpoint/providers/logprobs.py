"""How likely a model finds a token. A value, apart from `base.py` for its length alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenLogprobs:
    """A token with its log-probability (natural, of the model's own distribution, before any sampling; None for a
    prompt's first), and the most likely tokens in its place, best first."""

    token: int
    logprob: float | None
    top: tuple[tuple[int, float], ...] = ()
