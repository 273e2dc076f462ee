"""A sequence on its way. Data and arithmetic, no model in sight."""

from __future__ import annotations

from dataclasses import dataclass, field

from endpoint.providers.base import Job
from endpoint.providers.constrained import MOST_TOGETHER
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.providers.mlx.state import State
from endpoint.providers.stops import next_stop


@dataclass(slots=True)
class Row:
    """`tokens` is prompt plus answer so far; the layers remember the first `n_past` of them. `state` is the row's own
    while it is prefilled, and the decoder's while it decodes: None here then, and while it is parked."""

    job: Job
    tokens: list[int] = field(init=False)
    state: State | None = None
    n_past: int = 0
    parked: bool = False  # gave up its state, waits until all its tokens fit again
    stops: tuple[int, ...] = ()  # ascending depths that a chunk may not run across
    scores: list[TokenLogprobs] = field(default_factory=list)  # of the prompt's tokens so far, where the job asks

    def __post_init__(self) -> None:
        self.tokens = list(self.job.tokens)
        if self.job.scores_prompt:
            self.scores.append(TokenLogprobs(self.tokens[0], None))  # nothing comes before it

    @property
    def pending(self) -> int:
        """Tokens to compute before the next one can be drawn."""
        return len(self.tokens) - self.n_past

    @property
    def is_ready(self) -> bool:
        """Whether it may decode: all of its prompt but the last token is computed, and not much of an answer is left
        over. That last token goes into the next decode, together with the other rows' tokens."""
        return not self.parked and self.n_past >= len(self.job.tokens) - 1 and self.pending <= 1 + MOST_TOGETHER

    @property
    def is_prefilling(self) -> bool:
        """Whether there are prompt tokens to compute, or, after parking, an answer's again."""
        return not self.parked and not self.is_ready

    @property
    def stretch(self) -> int:
        """Tokens that a prefill may compute in one go: to the next stop, or to the last but one."""
        return next_stop(self.stops, self.n_past, len(self.tokens) - 1) - self.n_past

    @property
    def left(self) -> int:
        """Tokens that its job may still get."""
        return len(self.job.tokens) + self.job.max_tokens - len(self.tokens)
