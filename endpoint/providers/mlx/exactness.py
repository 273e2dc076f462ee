"""Whether tokens come out alike however many are computed at once. Engine thread only.

Matrix products add in another order for one token than for many. In 32-bit floats the difference is in the seventh
digit, and no answer turns on it; in 16-bit floats it is in the third, and answers do. Then an answer's state, computed
token by token, is not taken for that of a prompt with the answer in it (`Caps.batch_invariant`).
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from endpoint.providers.mlx.state import make_state

TOLERANCE = 1e-5
"""Of the largest logit."""
_PIECES = (24, 1, 1, 5)


def is_batch_exact(model: Any, n_vocab: int) -> bool:
    """Compare the last logits of a text that is computed in pieces with those it gets in one go. Five passes."""
    tokens = [(7 * place + 11) % n_vocab for place in range(sum(_PIECES))]
    pieces, whole = _last_logits(model, tokens, _PIECES), _last_logits(model, tokens, (len(tokens),))
    return bool((mx.abs(pieces - whole).max() <= TOLERANCE * mx.abs(whole).max()).item())


def _last_logits(model: Any, tokens: list[int], pieces: tuple[int, ...]) -> mx.array:
    state, done = make_state(model), 0
    logits = mx.array(0.0)
    for count in pieces:
        logits = model(mx.array([tokens[done : done + count]]), cache=state)[0, -1]
        mx.eval(logits)
        done += count
    return logits.astype(mx.float32)
