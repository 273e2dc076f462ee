"""Opens a context for a loaded model: its parameters, and how attention is computed in it. Engine thread only."""

from __future__ import annotations

import logging
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.contract import KvType
from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.chunks import LARGEST
from endpoint.providers.llamacpp.context import LlamaContext
from endpoint.providers.llamacpp.kv_types import LIBRARY_TYPES
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.memory import find_memory
from endpoint.providers.llamacpp.sizing import Attention, choose_attention
from endpoint.providers.llamacpp.speculation import MOST_DRAFTED
from endpoint.providers.machine import count_threads
from endpoint.providers.options import LoadOptions

_LOGGER = logging.getLogger(__name__)


def settle_attention(model: ll.llama_model_p, n_ctx: int, kv_type: KvType) -> Attention:
    """How attention is computed in a context of `n_ctx` tokens, on this machine."""
    heads, on_gpu = int(ll.llama_model_n_head(model)), bool(ll.llama_supports_gpu_offload())
    return choose_attention(n_ctx, heads, LARGEST, on_gpu=on_gpu, quantised=kv_type.is_quantised)


def open_context(
    model: ll.llama_model_p, path: Path, n_ctx: int, options: LoadOptions, attention: Attention, log: LogCollector
) -> LlamaContext:
    """A context of `n_ctx` tokens. Raises LoadError, with llama.cpp's own reason where it gave one."""
    trained = int(ll.llama_model_n_ctx_train(model))
    if n_ctx > trained:
        _LOGGER.warning("A context of %d tokens was asked for; the model was trained for %d.", n_ctx, trained)
    # State that can be cut is copied in parts, by way of a sequence of its own; others' memory grows with sequences.
    spare = 1 if find_memory(model) is MemoryKind.ATTENTION else 0
    pointer = ll.llama_init_from_model(model, _context_params(n_ctx, options, attention, spare))
    if not pointer:
        kv_type = f", or --kv-type {KvType.F16}" if options.kv_type is not KvType.F16 else ""
        raise LoadError(
            f"llama.cpp can't open a context of {n_ctx} tokens for {path}: {log.last_error() or 'it gave no reason'}. "
            f"Try a smaller --ctx-size{kv_type}."
        )
    return LlamaContext(pointer, attention.batch + options.parallel)


def _context_params(n_ctx: int, options: LoadOptions, attention: Attention, spare: int) -> ll.llama_context_params:
    """One pool of cells for all rows, and for so many `spare` sequences. A step is one batch is one micro-batch: a
    remainder of one token would be rounded unlike the rest. Flash attention is asked for as llama.cpp's "auto": not all
    models allow it."""
    params = ll.llama_context_default_params()
    params.n_ctx = n_ctx
    params.n_batch = params.n_ubatch = attention.batch + options.parallel
    params.n_seq_max = options.parallel + spare
    # A row of logits for each sequence and each drafted token; the default would reserve one for each batch token.
    params.n_outputs_max = params.n_seq_max + MOST_DRAFTED
    params.kv_unified = True
    params.swa_full = False
    params.type_k = params.type_v = LIBRARY_TYPES[options.kv_type]
    params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_AUTO if attention.flash else ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.n_threads = params.n_threads_batch = options.threads or count_threads()
    params.no_perf = True
    return params
