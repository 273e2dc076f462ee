"""One generation above the seam: a provider's tokens become text, until an end token, a stop string or the limit.

Engine thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import FinishReason, Stream, Usage
from endpoint.engine.telling import LogprobLedger
from endpoint.errors import DeadlineExceeded
from endpoint.providers.base import Job, Tokenizer
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.text.detokenizer import Detokenizer
from endpoint.text.stops import Cut, StopMatcher


@dataclass(frozen=True, slots=True)
class Advance:
    """What one token brought: text that may be shown now, and why the generation ended, if it did."""

    text: str
    finished: FinishReason | None = None


class ActiveSequence:
    """A job with its reader and its text state."""

    def __init__(self, job_id: int, request: GenerationRequest, stream: Stream, tokenizer: Tokenizer) -> None:
        self.job = Job(
            job_id,
            request.prompt,
            request.max_tokens,
            request.sampling,
            checkpoints=request.checkpoints,
            constraint=None if request.make_constraint is None else request.make_constraint(),
            logprobs=request.logprobs,
            scores_prompt=request.scores_prompt,
        )
        self.stream = stream
        self.key = request.key
        self._is_end = tokenizer.is_end
        self._detokenizer = Detokenizer(tokenizer.piece, request.shown)
        self._stops = StopMatcher(request.stop)
        self._timeout_s = request.timeout_s
        self.ledger = LogprobLedger()
        self.tokens: list[int] = []  # of the answer
        self.cached = 0  # of the prompt's tokens, known when it starts
        self.stop: str | None = None  # the stop string that ended it
        self._told = 0  # of the answer's tokens, in what was handed out

    @property
    def usage(self) -> Usage:
        """Tokens so far; an end token counts, for it was computed too."""
        return Usage(len(self.job.tokens), len(self.tokens), self.cached)

    def take_count(self) -> int:
        """Tokens since this was asked last."""
        count, self._told = len(self.tokens) - self._told, len(self.tokens)
        return count

    def out_of_time(self, prefilled: int | None) -> DeadlineExceeded:
        """What to tell its reader when its time is up; `prefilled` of its prompt's tokens, None while it waits."""
        if self.tokens:
            standing = f"when {len(self.tokens)} tokens were generated"
        elif prefilled is not None:
            standing = f"when {prefilled} of {len(self.job.tokens)} prompt tokens were prefilled"
        else:
            standing = "while it was queued"
        return DeadlineExceeded(self._timeout_s or 0.0, standing)

    def feed(self, token: int, logprobs: TokenLogprobs | None = None, prompt: Sequence[TokenLogprobs] = ()) -> Advance:
        """Take the next token, with what is told of it and, with the first, of the `prompt`'s."""
        for told in prompt:
            self.ledger.add(told)
        if self.job.max_tokens < 1:
            return Advance("", FinishReason.LENGTH)
        self.tokens.append(token)
        if logprobs is not None:
            self.ledger.add(logprobs)
        advance = self._advance(token)
        self.ledger.show(len(advance.text))
        return advance

    def _advance(self, token: int) -> Advance:
        if self._is_end(token):
            return self._end("", FinishReason.STOP)
        text = self._detokenizer.feed(token)
        self.ledger.write(len(text))
        if len(self.tokens) >= self.job.max_tokens:
            return self._end(text, FinishReason.LENGTH)
        cut = self._feed_stops(text)
        return Advance(cut.text, FinishReason.STOP if cut.stopped else None)

    def _end(self, text: str, reason: FinishReason) -> Advance:
        """The last text; even there a stop string is cut off, and then it is what ended the generation."""
        cut = self._feed_stops(text)
        if cut.stopped:
            return Advance(cut.text, FinishReason.STOP)
        return Advance(cut.text + self._stops.flush(), reason)

    def _feed_stops(self, text: str) -> Cut:
        cut = self._stops.feed(text)
        self.stop = cut.stop
        return cut
