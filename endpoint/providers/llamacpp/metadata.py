"""What a GGUF's metadata says of embeddings, positions and chats. Read once, at loading, on the engine's thread."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp.llama_cpp as ll

from endpoint.contract import KvType
from endpoint.providers.embedding import EmbeddingTraits, Pooling
from endpoint.providers.options import LoadOptions

_ENCODERS = frozenset({"gemma-embedding"})
"""Architectures whose tokens all see each other though their files don't say so (llama.cpp, src/models/)."""
_POOLINGS = {
    ll.LLAMA_POOLING_TYPE_MEAN: Pooling.MEAN,
    ll.LLAMA_POOLING_TYPE_CLS: Pooling.CLS,
    ll.LLAMA_POOLING_TYPE_LAST: Pooling.LAST,
}
_SAMPLING = {
    "temperature": "general.sampling.temp",
    "top_p": "general.sampling.top_p",
    "top_k": "general.sampling.top_k",
    "min_p": "general.sampling.min_p",
    "repeat_penalty": "general.sampling.penalty_repeat",
}
"""Our names -> the metadata's (llama.cpp, gguf-py/gguf/constants.py)."""


def is_encoder(model: ll.llama_model_p) -> bool:
    """Whether its tokens see those behind them: it embeds, and can't write."""
    architecture = _read(model, "general.architecture")
    return architecture in _ENCODERS or _read(model, f"{architecture}.attention.causal") == "false"


def find_traits(model: ll.llama_model_p, longest: int) -> EmbeddingTraits:
    """The model's own pooling. Where it has none, the mean: it takes in all that was said, whereas the last token of
    a model that was made to write stands for the next word."""
    value = _read(model, f"{_read(model, 'general.architecture')}.pooling_type")
    own = _POOLINGS.get(int(value)) if value.isdigit() else None
    return EmbeddingTraits(int(ll.llama_model_n_embd_out(model)), longest, own or Pooling.MEAN, is_own=own is not None)


def find_name(model: ll.llama_model_p, path: Path) -> str:
    """What clients call a model: its file's name, or what the file says where that is but a digest (Ollama's blobs)."""
    if path.suffix.lower() == ".gguf":
        return path.stem
    return "-".join(_read(model, "general.name").split()) or path.name


def find_first_context(model: ll.llama_model_p) -> int:
    """Tokens that a model knew before its positions were stretched to more; 0 where they never were."""
    value = _read(model, f"{_read(model, 'general.architecture')}.rope.scaling.original_context_length")
    return int(value) if value.isdigit() else 0


def find_cell_bytes(model: ll.llama_model_p, kv_type: KvType = KvType.F16) -> int:
    """What a token's keys and values take in all layers, as numbers of a type. Layers that hold no keys are counted as
    if they did: the file doesn't say which those are."""
    name = _read(model, "general.architecture")
    heads = max(1, int(ll.llama_model_n_head(model)))
    usual = int(ll.llama_model_n_embd(model)) // heads
    widths = [_read(model, f"{name}.attention.{part}_length") for part in ("key", "value")]
    width = sum(int(each) if each.isdigit() else usual for each in widths)
    return kv_type.weigh(int(ll.llama_model_n_layer(model)) * int(ll.llama_model_n_head_kv(model)) * width)


def find_head_widths(model: ll.llama_model_p) -> tuple[int, ...]:
    """Numbers that a key or a value has in a head, all that occur: layers with a window may have widths of their own.
    Empty where the file names no heads."""
    name, heads = _read(model, "general.architecture"), int(ll.llama_model_n_head(model))
    usual = int(ll.llama_model_n_embd(model)) // heads if heads else 0
    own = [_read(model, f"{name}.attention.{part}_length{kind}") for part in ("key", "value") for kind in ("", "_swa")]
    given = {int(each) for each in own if each.isdigit()}
    is_whole = all(own[index].isdigit() for index in (0, 2))  # else keys or values are as wide as usual
    return tuple(sorted(given if is_whole else given | ({usual} - {0})))


def find_sampling(model: ll.llama_model_p) -> dict[str, str]:
    """What its maker recommends, as the file has it, by our names; any text, "" for what it says nothing of."""
    return {name: _read(model, key) for name, key in _SAMPLING.items()}


def find_template(model: ll.llama_model_p, options: LoadOptions) -> str | None:
    """The chat template: the one that was given in its place, else the file's own; None where it has none."""
    if options.chat_template is not None:
        return options.chat_template
    own = ll.llama_model_chat_template(model, None)
    return own.decode("utf-8", "replace") if own else None


def _read(model: ll.llama_model_p, key: str) -> str:
    buffer = ctypes.create_string_buffer(128)
    length = ll.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if length >= 0 else ""
