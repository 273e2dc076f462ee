"""A model file's vocabulary without its weights: a tokenizer that outlives them. Any thread may use it.

Measured with 49,152 tokens (the starter): 18 MB, 0.1 s; with 262,144 (gemma-3-270m): 45 MB, a second.
"""

from __future__ import annotations

import weakref

import llama_cpp.llama_cpp as ll

from endpoint.errors import LoadError
from endpoint.providers.base import ModelInfo
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer


def open_vocabulary(info: ModelInfo) -> LlamaTokenizer:
    """Read that of a loaded model; it is freed with the tokenizer. Raises LoadError."""
    params = ll.llama_model_default_params()
    params.vocab_only = True
    pointer = ll.llama_model_load_from_file(str(info.path).encode(), params)
    if not pointer:
        raise LoadError(f"llama.cpp can't read the vocabulary of {info.path} again: was the file changed or deleted?")
    tokenizer = LlamaTokenizer(ll.llama_model_get_vocab(pointer))
    # Not at the process's exit: a worker thread may be inside the library then.
    weakref.finalize(tokenizer, ll.llama_model_free, pointer).atexit = False
    return tokenizer
