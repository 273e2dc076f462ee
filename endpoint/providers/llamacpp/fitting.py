"""Whether a model's weights and a context for it fit into memory, and which context to open. Engine thread only.

Weights are looked at before a byte of them is read. A context's cost is reckoned from the metadata first, which counts
every layer as one that keeps all keys: never less than it is. Only where that doesn't fit, it is measured, in a context
of a few tokens.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.contract import KvType
from endpoint.providers.fit import SMALLER, Need, check_weights, find_largest, make_refusal
from endpoint.providers.llamacpp.footprint import ContextCosts, measure_costs
from endpoint.providers.llamacpp.kv_types import can_quantise
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.metadata import find_cell_bytes
from endpoint.providers.llamacpp.opening import open_context, settle_attention
from endpoint.providers.llamacpp.sizing import SMALLEST, STEP, Widths, choose_context, count_buffers
from endpoint.providers.llamacpp.split import list_files
from endpoint.providers.machine import available_memory
from endpoint.providers.options import LoadOptions

_TRIAL = 512
"""Tokens of the context in which costs are measured."""


def check_files(path: Path, options: LoadOptions) -> int:
    """Bytes that are free for the model. Raises LoadError when its weights alone take more of this machine's memory."""
    free = available_memory()
    if _lies_in_ram(options) and not options.force:
        check_weights(path.name, sum(file.stat().st_size for file in list_files(path)), free)
    return free


@dataclass(frozen=True, slots=True)
class ContextFitter:
    """For a model whose weights are in memory; `free_bytes` were free before they were."""

    model: ll.llama_model_p
    path: Path
    log: LogCollector
    options: LoadOptions
    free_bytes: int

    def choose(self) -> int:
        """Tokens of the context to open. Raises LoadError when what the user asked for doesn't fit, or, when nobody
        asked, not even a short one."""
        asked, trained = self.options.n_ctx, int(ll.llama_model_n_ctx_train(self.model))
        known = ContextCosts(cell=find_cell_bytes(self.model, self.options.kv_type))
        wished = asked or self._choose(trained, known.cell)
        if self.options.force or not _lies_in_ram(self.options) or self._fits(known, wished):
            return wished
        costs = self._measure() or known
        if self._fits(costs, wished):
            return wished
        largest = find_largest(lambda n_ctx: self._need(costs, n_ctx).total, max(trained, STEP), self._limit)
        least = min(SMALLEST, trained)
        if asked is None and largest >= least:
            return min(largest, wished)
        tokens = asked or least
        raise make_refusal(
            self.path.name, self._need(costs, tokens), tokens, self._limit, largest, self._find_saving(costs, tokens)
        )

    def _choose(self, trained: int, cell_bytes: int) -> int:
        on_gpu = bool(ll.llama_supports_gpu_offload())
        return choose_context(trained, cell_bytes, self.free_bytes - self._weights, on_gpu=on_gpu)

    @property
    def _weights(self) -> int:
        return int(ll.llama_model_size(self.model))

    @property
    def _limit(self) -> int:
        """What weights and context may take together. Weights can take more than their size by now: some are kept in
        another order beside the file."""
        return min(self.free_bytes, available_memory() + self._weights)

    def _fits(self, costs: ContextCosts, n_ctx: int) -> bool:
        return self._need(costs, n_ctx).total <= self._limit

    def _find_saving(self, costs: ContextCosts, n_ctx: int) -> int:
        """Bytes that a smaller type of keys and values would spare; 0 where theirs is no larger, or has to stay."""
        if self.options.kv_type.is_quantised or not can_quantise(self.model):
            return 0
        smaller = self._need(costs.of_type(SMALLER), n_ctx, SMALLER)
        return max(0, self._need(costs, n_ctx).total - smaller.total)

    def _need(self, costs: ContextCosts, n_ctx: int, kv_type: KvType | None = None) -> Need:
        """For `costs` of that type; None: of the one that is to be opened."""
        model, parallel = self.model, self.options.parallel
        cells = -(-n_ctx // STEP) * STEP
        attention = settle_attention(model, n_ctx, kv_type or self.options.kv_type)
        heads, embedding = int(ll.llama_model_n_head(model)), int(ll.llama_model_n_embd(model))
        widths = Widths(heads, embedding, int(ll.llama_vocab_n_tokens(ll.llama_model_get_vocab(model))))
        context = costs.total(cells, parallel, attention.batch + parallel)
        return Need(self._weights, context, count_buffers(cells, parallel, widths, attention))

    def _measure(self) -> ContextCosts | None:
        options = replace(self.options, n_ctx=_TRIAL)
        attention = settle_attention(self.model, _TRIAL, options.kv_type)
        context = open_context(self.model, self.path, _TRIAL, options, attention, self.log)
        try:
            return measure_costs(self.model, context)
        finally:
            context.close()


def _lies_in_ram(options: LoadOptions) -> bool:
    """Whether the weights take this machine's own memory. A Mac's GPU computes in it; other cards have their own."""
    return sys.platform == "darwin" or options.gpu_layers == 0 or not ll.llama_supports_gpu_offload()
