"""Log-probabilities from the logits of the last decode, as the model gave them: before bias, constraint, penalties and
temperature. Engine thread only. Only rows that ask pay for it: about 0.3 ms a token of a vocabulary of 49,152.
"""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as ll
import numpy as np

from endpoint.providers.likelihood import find_logprobs
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.logprobs import TokenLogprobs


class LogprobReader:
    """Reads a context's logits. `pointer` must outlive it."""

    def __init__(self, pointer: ll.llama_context_p, n_vocab: int) -> None:
        self._pointer = pointer
        self._n_vocab = n_vocab

    def read(self, output: int, token: int, top: int) -> TokenLogprobs:
        """Of a token drawn from batch position `output`, with the `top` likeliest in its place."""
        logits = ll.llama_get_logits_ith(self._pointer, output)
        values = (ctypes.c_float * self._n_vocab).from_address(ctypes.addressof(logits.contents))
        return find_logprobs(np.ctypeslib.as_array(values), token, top)

    def score(self, part: Slice, start: int) -> None:
        """Add to the row's `scores` what a slice that begins at batch position `start` tells of the prompt's tokens. A
        slice that is computed a second time adds nothing."""
        row, prompt = part.row, part.row.job.tokens
        if len(row.tokens) > len(prompt):
            return
        if not row.scores:
            row.scores.append(TokenLogprobs(prompt[0], None))
        for place in range(max(row.n_past, len(row.scores) - 1), min(row.n_past + part.count, len(prompt) - 1)):
            told = self.read(start + place - row.n_past, prompt[place + 1], row.job.logprobs or 0)
            row.scores.append(told)


def take_scores(row: Row) -> tuple[TokenLogprobs, ...]:
    """The whole prompt's, once."""
    scores = tuple(row.scores)
    row.scores = []
    return scores
