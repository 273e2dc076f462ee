"""Loads a GGUF file: file -> model -> context -> provider. Foreign failures become LoadError here and nowhere else.

Runs on the engine's thread; the progress callback comes on the same thread.
"""

from __future__ import annotations

import ctypes
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind, ModelInfo
from endpoint.providers.chunks import LARGEST
from endpoint.providers.llamacpp.context import LlamaContext
from endpoint.providers.llamacpp.exactness import is_batch_exact
from endpoint.providers.llamacpp.files import check_content, locate_model
from endpoint.providers.llamacpp.footprint import measure_kv
from endpoint.providers.llamacpp.identity import fingerprint_model, identify_model
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.memory import find_memory, open_window
from endpoint.providers.llamacpp.metadata import find_cell_bytes, find_name
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.llamacpp.sizing import Attention, choose_attention, choose_context
from endpoint.providers.llamacpp.speculation import MOST_DRAFTED, Speculator
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.providers.machine import available_memory, count_threads
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.trust import choose_trust

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model file in memory, without a context. `log` must live as long as it does; `files` tells it from others."""

    pointer: ll.llama_model_p
    path: Path
    files: str
    log: LogCollector


def load(model: str, options: LoadOptions, progress: Progress) -> LlamaCppProvider:
    """Load a model that generates: "starter" or a .gguf path. Raises LoadError, with llama.cpp's own reason where it
    gave one."""
    return serve_generator(open_model(model, options, progress), options)


def open_model(model: str, options: LoadOptions, progress: Progress) -> OpenedModel:
    """Read the file. Raises LoadError."""
    path = locate_model(model)
    check_content(path)
    files = identify_model(path)
    log = LogCollector()
    log.install()
    ll.llama_backend_init()
    return OpenedModel(_load_model(path, options, progress, log), path, files, log)


def serve_generator(opened: OpenedModel, options: LoadOptions) -> LlamaCppProvider:
    """Open a context for it. Raises LoadError, and then the model is freed."""
    pointer, path, log = opened.pointer, opened.path, opened.log
    n_ctx = options.n_ctx or _default_context(pointer)
    attention = _choose_attention(pointer, n_ctx)
    try:
        context = _open_context(pointer, path, n_ctx, options, attention, log)
    except LoadError:
        ll.llama_model_free(pointer)
        raise
    tokenizer = LlamaTokenizer(ll.llama_model_get_vocab(pointer))
    kv_bytes = measure_kv(pointer, context, options.parallel, context.n_batch)
    info = replace(describe(pointer, path, context.cells, tokenizer), kv_bytes=kv_bytes)
    threads = options.threads or count_threads()
    window = open_window(int(ll.llama_model_n_swa(pointer)), options.parallel, int(ll.llama_n_ubatch(context.pointer)))
    trimmable = find_memory(pointer) is MemoryKind.ATTENTION
    exact = trimmable and is_batch_exact(context, tokenizer.n_vocab)
    return LlamaCppProvider(
        pointer,
        context,
        tokenizer,
        info,
        options.parallel,
        threads,
        log,
        Speculator(choose_trust(options.speculation, trimmable=trimmable, is_exact=exact)),
        window,
        fingerprint_model(pointer, opened.files, options, context.cells, flash=attention.flash),
        batch_invariant=exact,
    )


def _load_model(path: Path, options: LoadOptions, progress: Progress, log: LogCollector) -> ll.llama_model_p:
    params = ll.llama_model_default_params()
    if options.gpu_layers is not None:
        params.n_gpu_layers = options.gpu_layers

    def report(share: float, _user_data: object) -> bool:
        progress(share)
        return True  # go on

    callback = ll.llama_progress_callback(report)
    params.progress_callback = callback
    pointer = ll.llama_model_load_from_file(str(path).encode(), params)
    if not pointer:
        raise LoadError(f"llama.cpp can't load {path}: {log.last_error() or 'it gave no reason'}")
    if not ll.llama_model_has_decoder(pointer):
        ll.llama_model_free(pointer)
        raise LoadError(f"{path} is not a model that generates text: it has no decoder.")
    return pointer


def _choose_attention(model: ll.llama_model_p, n_ctx: int) -> Attention:
    heads = int(ll.llama_model_n_head(model))
    return choose_attention(n_ctx, heads, LARGEST, on_gpu=bool(ll.llama_supports_gpu_offload()))


def _open_context(
    model: ll.llama_model_p, path: Path, n_ctx: int, options: LoadOptions, attention: Attention, log: LogCollector
) -> LlamaContext:
    trained = int(ll.llama_model_n_ctx_train(model))
    if n_ctx > trained:
        _LOGGER.warning("A context of %d tokens was asked for; the model was trained for %d.", n_ctx, trained)
    # State that can be cut is copied in parts, by way of a sequence of its own; others' memory grows with sequences.
    spare = 1 if find_memory(model) is MemoryKind.ATTENTION else 0
    pointer = ll.llama_init_from_model(model, _context_params(n_ctx, options, attention, spare))
    if not pointer:
        raise LoadError(
            f"llama.cpp can't open a context of {n_ctx} tokens for {path}: {log.last_error() or 'it gave no reason'}. "
            "Try a smaller --ctx-size."
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
    params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_AUTO if attention.flash else ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.n_threads = params.n_threads_batch = options.threads or count_threads()
    params.no_perf = True
    return params


def _default_context(model: ll.llama_model_p) -> int:
    return choose_context(int(ll.llama_model_n_ctx_train(model)), find_cell_bytes(model), available_memory())


def describe(model: ll.llama_model_p, path: Path, n_ctx: int, tokenizer: LlamaTokenizer) -> ModelInfo:
    """What the file says of the model."""
    template = ll.llama_model_chat_template(model, None)
    description = ctypes.create_string_buffer(256)
    ll.llama_model_desc(model, description, len(description))
    return ModelInfo(
        id=find_name(model, path),
        path=path,
        n_ctx=n_ctx,
        n_ctx_train=int(ll.llama_model_n_ctx_train(model)),
        n_vocab=tokenizer.n_vocab,
        weights_bytes=int(ll.llama_model_size(model)),
        chat_template=template.decode("utf-8", "replace") if template else None,
        bos_text=tokenizer.bos_text,
        eos_text=tokenizer.eos_text,
        description=description.value.decode("utf-8", "replace"),
        infill=tokenizer.infill(),
    )
