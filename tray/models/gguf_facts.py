"""From the headers of a GGUF model's files, one or many, to what they say of it. Any thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tray.models.facts import Facts, Role
from tray.models.gguf_cursor import BrokenHeader
from tray.models.gguf_header import Header, read_header
from tray.models.gguf_shape import find_shape
from tray.models.gguf_types import FILE_TYPES, TENSOR_FORMATS
from tray.models.model import Capability, MemoryShape
from tray.models.sizes import format_bytes
from tray.models.template_marks import find_marks

_ENCODERS = frozenset({"bert", "gemma-embedding", "jina-bert-v2", "jina-bert-v3", "modern-bert", "nomic-bert"})
_RANKING = 4
"""llama.cpp's number for a pooling that ranks, which Traypoint doesn't serve. 0: none; the others embed."""


def read_gguf(files: Sequence[Path]) -> Facts:
    """What the files of one model say, in the order of their parts. A file that is damaged, half there or can't be read
    is told in `problem`. Raises nothing."""
    headers: list[Header] = []
    for path in files:
        try:
            header = read_header(path)
            missing = header.end - path.stat().st_size
        except BrokenHeader as error:
            return _spoilt(headers, str(error))
        except OSError as error:
            return _spoilt(headers, f"it can't be read: {error.strerror or error}")
        headers.append(header)
        if missing > 0:
            have = format_bytes(header.end - missing)
            return _spoilt(headers, f"half-downloaded: {have} of {format_bytes(header.end)} are there")
    if not headers:
        return Facts(problem="it has no files")
    parts = headers[0].number("split.count")
    if parts > len(headers):
        return _spoilt(headers, f"it is one of {parts} parts, but its name doesn't say so")
    return _describe(headers)


def _spoilt(headers: Sequence[Header], problem: str) -> Facts:
    """What is known of it in spite of the problem: a torn projector is still none to be offered."""
    facts = _describe(headers) if headers else Facts()
    return Facts(facts.role, facts.family, facts.lineage, quantisation=facts.quantisation, problem=problem)


def _describe(headers: Sequence[Header]) -> Facts:
    first = headers[0]
    architecture = first.text("general.architecture")
    if not architecture:
        return Facts(problem="its header names no architecture")
    weights = sum((Counter(header.weights) for header in headers), Counter[int]())
    vocabulary = first.number(f"{architecture}.vocab_size") or first.lengths.get("tokenizer.ggml.tokens", 0)
    attention, shape = find_shape(first, vocabulary)
    if _is_encoder(first, architecture):  # reads whole inputs and keeps nothing of them
        shape = MemoryShape(heads=shape.heads, width=shape.width, vocabulary=vocabulary)
    return Facts(
        role=_find_role(first, architecture, weights.total()),
        family=architecture,
        lineage=_find_lineage(first),
        parameters=weights.total(),
        quantisation=_find_quantisation(first, weights),
        n_ctx=first.number(f"{architecture}.context_length"),
        capabilities=_find_capabilities(first, architecture),
        attention=attention,
        shape=shape,
    )


def _find_role(header: Header, architecture: str, weights: int) -> Role:
    kind = header.text("general.type")
    if kind == "mmproj" or architecture == "clip":
        return Role.PROJECTOR
    if kind == "adapter" or header.text("adapter.type"):
        return Role.ADAPTER
    is_part = header.number("split.count") > 1  # whose first file may hold no tensors
    has_layers = header.number(f"{architecture}.block_count") > 0
    return Role.MODEL if has_layers and (weights or is_part) and kind in ("", "model") else Role.OTHER


def _find_lineage(header: Header) -> str:
    parts = (header.text("general.basename"), header.text("general.size_label"))
    return " ".join(part.casefold() for part in parts if part)


def _find_quantisation(header: Header, weights: Counter[int]) -> str:
    """The mixture that the file names, else the format of most weights."""
    named = FILE_TYPES.get(header.number("general.file_type"), "") if "general.file_type" in header.values else ""
    if named or not weights:
        return named
    most = weights.most_common(1)[0][0]
    return TENSOR_FORMATS[most].name if most in TENSOR_FORMATS else ""


def _find_capabilities(header: Header, architecture: str) -> tuple[Capability, ...]:
    pooling = header.number(f"{architecture}.pooling_type")
    if pooling == _RANKING:
        return ()
    if pooling or _is_encoder(header, architecture):
        return (Capability.EMBEDDINGS,)
    return find_marks(header.text("tokenizer.chat_template"))


def _is_encoder(header: Header, architecture: str) -> bool:
    """Whether its tokens see those behind them: it embeds, and can't write."""
    return architecture in _ENCODERS or header.values.get(f"{architecture}.attention.causal") is False
