"""Tokenizers of real models, without the models: of GGUF files, and of what llama.cpp's source carries."""

from __future__ import annotations

import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.providers.llamacpp.log import LogCollector
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from wheel_cache import user_cache_dir

_MEMBER = "/vendor/llama.cpp/models/ggml-vocab-{}.gguf"


@contextmanager
def open_vocabulary(path: Path) -> Iterator[LlamaTokenizer]:
    LogCollector().install()
    ll.llama_backend_init()
    wish = ll.llama_model_default_params()
    wish.vocab_only = True
    model = ll.llama_model_load_from_file(str(path).encode(), wish)
    assert model is not None
    try:
        yield LlamaTokenizer(ll.llama_model_get_vocab(model))
    finally:
        ll.llama_model_free(model)


def unpack_vocabulary(name: str, folder: Path) -> Path | None:
    """None where the archive isn't there."""
    kept = user_cache_dir(sys.platform, environ, Path.home()) / "llama-cpp-python" / "sdist"
    archives = sorted(kept.glob("llama_cpp_python-*.tar.gz"))
    if not archives:
        return None
    with tarfile.open(archives[-1], "r|gz") as archive:
        member = next(each for each in archive if each.name.endswith(_MEMBER.format(name)))
        content = archive.extractfile(member)
        assert content is not None
        path = folder / f"{name}.gguf"
        path.write_bytes(content.read())
        return path
