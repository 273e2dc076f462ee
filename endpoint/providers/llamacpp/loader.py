"""Loads a GGUF file: file -> model -> context -> provider. Foreign failures become LoadError here and nowhere else.

Runs on the engine's thread; the progress callback comes on the same thread.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind, ModelInfo
from endpoint.providers.llamacpp.exactness import is_batch_exact
from endpoint.providers.llamacpp.files import check_content, locate_model
from endpoint.providers.llamacpp.fitting import ContextFitter, check_files
from endpoint.providers.llamacpp.footprint import measure_costs
from endpoint.providers.llamacpp.identity import fingerprint_model, identify_model
from endpoint.providers.llamacpp.kv_types import settle_kv_type
from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.memory import find_memory, open_window
from endpoint.providers.llamacpp.metadata import find_name, find_template
from endpoint.providers.llamacpp.opening import open_context, settle_attention
from endpoint.providers.llamacpp.provider import LlamaCppProvider
from endpoint.providers.llamacpp.recommended import find_recommended
from endpoint.providers.llamacpp.speculation import Speculator
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.providers.machine import count_threads
from endpoint.providers.options import LoadOptions, Progress
from endpoint.providers.trust import choose_trust


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model file in memory, without a context. `log` must live as long as it does; `files` tells it from others;
    `free_bytes` of memory were free before it was there."""

    pointer: ll.llama_model_p
    path: Path
    files: str
    log: LogCollector
    free_bytes: int


def load(model: str, options: LoadOptions, progress: Progress) -> LlamaCppProvider:
    """Load a model that generates: "starter" or a .gguf path. Raises LoadError, with llama.cpp's own reason where it
    gave one."""
    return serve_generator(open_model(model, options, progress), options)


def open_model(model: str, options: LoadOptions, progress: Progress) -> OpenedModel:
    """Read the file. Raises LoadError, before that where its weights don't fit into memory."""
    path = locate_model(model)
    check_content(path)
    files = identify_model(path)
    log = LogCollector()
    log.install()
    ll.llama_backend_init()
    free_bytes = check_files(path, options)
    return OpenedModel(_load_model(path, options, progress, log), path, files, log, free_bytes)


def serve_generator(opened: OpenedModel, options: LoadOptions) -> LlamaCppProvider:
    """Open a context for it. Raises LoadError, and then the model is freed."""
    pointer, path, log = opened.pointer, opened.path, opened.log
    try:
        options = replace(options, kv_type=settle_kv_type(pointer, path, options.kv_type))
        n_ctx = ContextFitter(pointer, path, log, options, opened.free_bytes).choose()
        attention = settle_attention(pointer, n_ctx, options.kv_type)
        context = open_context(pointer, path, n_ctx, options, attention, log)
    except LoadError:
        ll.llama_model_free(pointer)
        raise
    tokenizer = LlamaTokenizer(ll.llama_model_get_vocab(pointer))
    costs = measure_costs(pointer, context)
    kv_bytes = costs.total(context.cells, options.parallel, context.n_batch) if costs is not None else 0
    memory = find_memory(pointer)
    kv_type = None if memory is MemoryKind.RECURRENT else options.kv_type
    info = replace(describe(opened, options, context.cells, tokenizer), kv_bytes=kv_bytes, kv_type=kv_type)
    threads = options.threads or count_threads()
    window = open_window(int(ll.llama_model_n_swa(pointer)), options.parallel, int(ll.llama_n_ubatch(context.pointer)))
    trimmable = memory is MemoryKind.ATTENTION
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


def describe(opened: OpenedModel, options: LoadOptions, n_ctx: int, tokenizer: LlamaTokenizer) -> ModelInfo:
    """What the file says of the model, and what was given in its place."""
    model, path = opened.pointer, opened.path
    description = ctypes.create_string_buffer(256)
    ll.llama_model_desc(model, description, len(description))
    return ModelInfo(
        id=find_name(model, path),
        path=path,
        n_ctx=n_ctx,
        n_ctx_train=int(ll.llama_model_n_ctx_train(model)),
        n_vocab=tokenizer.n_vocab,
        weights_bytes=int(ll.llama_model_size(model)),
        chat_template=find_template(model, options),
        bos_text=tokenizer.bos_text,
        eos_text=tokenizer.eos_text,
        description=description.value.decode("utf-8", "replace"),
        infill=tokenizer.infill(),
        sampling=find_recommended(model, path),
    )
