"""The provider's door: any GGUF that llama.cpp can run, as what it is. Engine thread only."""

from __future__ import annotations

import llama_cpp.llama_cpp as ll

from endpoint.providers.base import Provider
from endpoint.providers.llamacpp.embedding import LlamaEmbedder
from endpoint.providers.llamacpp.encoder import EncoderProvider
from endpoint.providers.llamacpp.loader import OpenedModel, describe, open_model, serve_generator
from endpoint.providers.llamacpp.metadata import find_traits, is_encoder
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.providers.machine import count_threads
from endpoint.providers.options import LoadOptions, Progress


def load(model: str, options: LoadOptions, progress: Progress) -> Provider:
    """Load "starter" or a .gguf path. Raises LoadError with llama.cpp's own reason where it gave one."""
    opened = open_model(model, options, progress)
    return _serve_encoder(opened, options) if is_encoder(opened.pointer) else serve_generator(opened, options)


def _serve_encoder(opened: OpenedModel, options: LoadOptions) -> EncoderProvider:
    """Inputs are bounded by the training: most encoders know no place behind it."""
    trained = int(ll.llama_model_n_ctx_train(opened.pointer))
    longest = min(options.n_ctx or trained, trained)
    threads = options.threads or count_threads()
    tokenizer = LlamaTokenizer(ll.llama_model_get_vocab(opened.pointer))
    embedder = LlamaEmbedder(opened.pointer, find_traits(opened.pointer, longest), lambda: threads, causal=False)
    info = describe(opened, options, longest, tokenizer)
    return EncoderProvider(opened.pointer, tokenizer, info, embedder, threads, opened.log, opened.files)
