from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as ll
import pytest

from endpoint.contract import KvType
from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.context import Decoded, LlamaContext
from endpoint.providers.llamacpp.exactness import is_batch_exact
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.options import LoadOptions, Speculation
from tests.bench.prompts import write_prose

CHUNK = 50
START = 4 * CHUNK
"""Tokens that are there already; what is compared crosses a multiple of 256 cells, where attention gets wider."""


def compute(context: LlamaContext, tokens: tuple[int, ...], together: int, n_vocab: int) -> list[bytes]:
    """The logits after each token from START on, computed so many at a time."""
    row = Row(Job(1, tokens, 1, Sampling()), seq_id=1)
    for row.n_past in range(0, START, CHUNK):
        assert context.decode([Slice(row, CHUNK)]) is Decoded.OK
    found: list[bytes] = []
    for row.n_past in range(START, len(tokens), together):
        row.tokens = list(tokens[: row.n_past + 1])
        draft = tokens[row.n_past + 1 : row.n_past + together]
        assert context.decode([Slice(row, 1 + len(draft), draft)]) is Decoded.OK
        for output in range(1 + len(draft)):
            logits = ll.llama_get_logits_ith(context.pointer, output)
            found.append(ctypes.string_at(logits, 4 * n_vocab))
    context.remove(1)
    return found


@pytest.mark.parametrize("kv_type", [KvType.F16, KvType.Q8_0, pytest.param(KvType.Q4_0, marks=pytest.mark.slow_suite)])
def test_a_batch_is_called_exact_just_when_a_long_text_comes_out_the_same_in_any_pieces(kv_type: KvType) -> None:
    options = LoadOptions(n_ctx=512, parallel=2, threads=1, speculation=Speculation.OFF, kv_type=kv_type)
    provider = load("starter", options, lambda _share: None)
    try:
        n_vocab = provider.info.n_vocab
        tokens = tuple(provider.tokenizer.encode(write_prose(400, "exact"), add_bos=True)[:264])
        alone = compute(provider._context, tokens, 1, n_vocab)
        same = all(compute(provider._context, tokens, together, n_vocab) == alone for together in (2, 5, 16))
        assert is_batch_exact(provider._context, n_vocab) == same
        assert compute(provider._context, tokens, 1, n_vocab) == alone, "the context was not left empty"
    finally:
        provider.close()
