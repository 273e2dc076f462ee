"""Whether this machine computes several tokens of a row at once just as it does one by one, to the last bit.

Engine thread only, on an empty context. Libraries choose other routines for one column than for several, which add in
another order; quantised models then round to other values, and the answer takes another turn at the next near-tie.
See docs/adr/0009-prompt-lookup.md.
"""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as ll

from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.context import Decoded, LlamaContext
from endpoint.providers.llamacpp.plan import Row, Slice

_DEPTH = 40
"""Tokens before the compared ones, so that attention has something to sum up."""
_TOGETHER = 5
"""Tokens in the batch: more than the four that some routines take at once."""
_SEQUENCE = 0


def is_batch_exact(context: LlamaContext, n_vocab: int) -> bool:
    """Compare the logits of a token computed alone with those it gets as the first of several. Three decodes; the
    context is left empty. False also when one fails."""
    tokens = tuple((7 * place + 11) % n_vocab for place in range(_DEPTH + _TOGETHER))
    row = Row(Job(0, tokens, 1, Sampling()), _SEQUENCE)
    try:
        if context.decode([Slice(row, _DEPTH)]) is not Decoded.OK:
            return False
        row.n_past = _DEPTH
        alone = _first_logits(context, row, _DEPTH + 1, n_vocab)
        together = _first_logits(context, row, _DEPTH + _TOGETHER, n_vocab)
        return alone is not None and alone == together
    finally:
        context.remove(_SEQUENCE)


def _first_logits(context: LlamaContext, row: Row, end: int, n_vocab: int) -> bytes | None:
    """The logits after token _DEPTH, as bytes, in a batch that reaches to `end`; what it computed is cut off again."""
    draft = row.job.tokens[_DEPTH + 1 : end]
    row.tokens = list(row.job.tokens[: _DEPTH + 1])
    if context.decode([Slice(row, end - _DEPTH, draft)]) is not Decoded.OK:
        return None
    logits = ll.llama_get_logits_ith(context.pointer, 0)
    found = ctypes.string_at(logits, n_vocab * ctypes.sizeof(ctypes.c_float))
    return found if context.trim(row.seq_id, _DEPTH) else None
