"""A row's sampler: llama.cpp's own chain, built from our Sampling; plain greedy needs none. Engine thread only."""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Sequence

import llama_cpp.llama_cpp as ll
import numpy as np
import numpy.typing as npt

from endpoint.providers.base import Sampling

_SEED_MASK = 0xFFFF_FFFF
_RANDOM_SEED = 0xFFFF_FFFF
"""LLAMA_DEFAULT_SEED: the library would take it as "choose one"."""


class RowSampler:
    """Draws tokens for one row. Holds the random state, so that a row that is prefilled again goes on as before."""

    def __init__(self, sampling: Sampling, prompt: Sequence[int], n_vocab: int, n_ctx: int) -> None:
        self._n_vocab = n_vocab
        self.remembers = _has_penalties(sampling)
        self._plain_greedy = sampling.temperature <= 0 and not self.remembers and not sampling.logit_bias
        self._chain = ll.llama_sampler_chain_init(ll.llama_sampler_chain_default_params())
        self._add_bias(sampling.logit_bias, n_vocab)
        self._add_penalties(sampling, prompt, n_vocab, n_ctx)
        if sampling.temperature <= 0:
            self._add(ll.llama_sampler_init_greedy())
            return
        self._add_filters(sampling)
        self._add(ll.llama_sampler_init_temp(sampling.temperature))
        self._add(ll.llama_sampler_init_dist(_seed(sampling.seed)))

    def sample(self, context: ll.llama_context_p, output: int) -> int:
        """The next token from batch position `output` of the last decode; remembers it for the penalties."""
        if self._plain_greedy:
            return _find_best(ll.llama_get_logits_ith(context, output), self._n_vocab)
        token: int = ll.llama_sampler_sample(self._chain, context, output)
        return token

    def sample_masked(self, context: ll.llama_context_p, output: int, mask: bytes) -> int:
        """As `sample`, among the tokens whose bit in `mask` is set (see `Constraint.mask`). The logits are as before
        when it returns."""
        logits = _view(ll.llama_get_logits_ith(context, output), self._n_vocab)
        kept = logits.copy()
        allowed = np.unpackbits(np.frombuffer(mask, np.uint8), count=self._n_vocab, bitorder="little").view(np.bool_)
        logits[~allowed] = -np.inf
        try:
            token = self.sample(context, output)
            # Where rounding or a bias leaves no allowed token a chance, the likeliest of them.
            return token if allowed[token] else int(logits.argmax())
        finally:
            logits[:] = kept

    def close(self) -> None:
        """Free the chain and all in it."""
        ll.llama_sampler_free(self._chain)

    def _add(self, sampler: ll.llama_sampler_p) -> None:
        ll.llama_sampler_chain_add(self._chain, sampler)

    def _add_bias(self, bias: Sequence[tuple[int, float]], n_vocab: int) -> None:
        """First of all, so that a forbidden token is gone before anything counts on it. The library copies the list."""
        if bias:
            items = (ll.llama_logit_bias * len(bias))(*bias)
            self._add(ll.llama_sampler_init_logit_bias(n_vocab, len(bias), items))

    def _add_penalties(self, sampling: Sampling, prompt: Sequence[int], n_vocab: int, n_ctx: int) -> None:
        """Repetition looks back over the prompt too (llama.cpp, transformers); frequency and presence count what was
        generated (OpenAI's definition), so they get a sampler of their own that never saw the prompt."""
        if sampling.repeat_penalty != 1.0:
            last_n = sampling.penalty_last_n
            repeat = ll.llama_sampler_init_penalties(n_vocab, last_n, sampling.repeat_penalty, 0.0, 0.0)
            for token in prompt[-last_n:]:
                ll.llama_sampler_accept(repeat, token)
            self._add(repeat)
        if sampling.frequency_penalty or sampling.presence_penalty:
            self._add(
                ll.llama_sampler_init_penalties(
                    n_vocab, n_ctx, 1.0, sampling.frequency_penalty, sampling.presence_penalty
                )
            )

    def _add_filters(self, sampling: Sampling) -> None:
        """In llama.cpp's usual order; each is left out where it would change nothing."""
        if sampling.top_k > 0:
            self._add(ll.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1.0:
            self._add(ll.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0.0:
            self._add(ll.llama_sampler_init_min_p(sampling.min_p, 1))


def _has_penalties(sampling: Sampling) -> bool:
    return sampling.repeat_penalty != 1.0 or sampling.frequency_penalty != 0.0 or sampling.presence_penalty != 0.0


def _find_best(logits: ctypes._Pointer[ctypes.c_float], n_vocab: int) -> int:
    """The first of the largest, as llama.cpp's greedy sampler has it: 20 µs for 49,152 logits, where the chain takes
    160 µs, for it copies them all first."""
    return int(_view(logits, n_vocab).argmax())


def _view(logits: ctypes._Pointer[ctypes.c_float], n_vocab: int) -> npt.NDArray[np.float32]:
    """The library's own memory."""
    values = (ctypes.c_float * n_vocab).from_address(ctypes.addressof(logits.contents))
    return np.ctypeslib.as_array(values)


def _seed(seed: int | None) -> int:
    """Any integer -> the library's 32 bits."""
    value = secrets.randbits(32) if seed is None else seed & _SEED_MASK
    return value if value != _RANDOM_SEED else 0
