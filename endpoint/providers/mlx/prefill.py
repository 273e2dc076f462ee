"""Computes prompt tokens of one row, a chunk at a time. Engine thread only.

Each row is alone in its pass: what is computed, and may be reused later, never depends on who else was there.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from endpoint.providers.mlx.drawing import TokenDrawer
from endpoint.providers.mlx.rows import Row
from endpoint.providers.mlx.state import State, evaluate

SCORED_AT_ONCE = 64
"""Prompt tokens whose logits are looked at together: each takes four bytes for every token of the vocabulary."""


def prefill(model: Any, row: Row, state: State, count: int, drawer: TokenDrawer) -> None:
    """The row's next `count` tokens; of a job that asks for it, their followers' log-probabilities too. Logits that
    nobody looks at are not computed."""
    done = 0
    while done < count:
        together = min(SCORED_AT_ONCE, count - done) if row.job.scores_prompt else count
        start = row.n_past
        logits = model(mx.array([row.tokens[start : start + together]]), cache=state)
        evaluate(state)
        row.n_past += together
        done += together
        if row.job.scores_prompt:
            _score(row, logits[0], start, drawer)
    mx.clear_cache()


def _score(row: Row, logits: mx.array, start: int, drawer: TokenDrawer) -> None:
    """Add what the logits behind the tokens from `start` on tell of the prompt's next ones. What is computed a second
    time adds nothing."""
    prompt = row.job.tokens
    if len(row.tokens) > len(prompt):
        return
    skip = len(row.scores) - 1 - start
    if 0 <= skip < len(logits):
        followers = prompt[start + skip + 1 : start + len(logits) + 1]
        row.scores += drawer.score(logits[skip:], followers, row.job.logprobs or 0)
