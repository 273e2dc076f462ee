"""Whether this machine computes tokens at once just as it does one by one, to the last bit (batch invariance).

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

_PIECES = (24, 1, 1, 5)
"""Tokens computed at once, piece after piece: a prompt, two of an answer, a draft that is longer than the four columns
that some routines take at once."""
_SEQUENCE = 0


def is_batch_exact(context: LlamaContext, n_vocab: int) -> bool:
    """Compare the last logits of a text that is computed in pieces with those it gets in one go. Five decodes; the
    context is left empty. False also when one fails."""
    tokens = tuple((7 * place + 11) % n_vocab for place in range(sum(_PIECES)))
    in_pieces = _last_logits(context, tokens, _PIECES, n_vocab)
    return in_pieces is not None and in_pieces == _last_logits(context, tokens, (len(tokens),), n_vocab)


def _last_logits(context: LlamaContext, tokens: tuple[int, ...], pieces: tuple[int, ...], n_vocab: int) -> bytes | None:
    """The logits after the last token, as bytes."""
    row = Row(Job(0, tokens, 1, Sampling()), _SEQUENCE)
    try:
        for count in pieces:
            if context.decode([Slice(row, count)]) is not Decoded.OK:
                return None
            row.n_past += count
        logits = ll.llama_get_logits_ith(context.pointer, -1)  # the last token with logits
        return ctypes.string_at(logits, n_vocab * ctypes.sizeof(ctypes.c_float))
    finally:
        context.remove(_SEQUENCE)
