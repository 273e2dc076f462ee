"""The exact bytes that each token of a `tokenizers` vocabulary stands for. Pure.

That library decodes whole rows of tokens only, and to text, so that half a character or a leading blank is lost. Here a
token's bytes are made from its spelling, by the steps of the tokenizer's own decoder (tokenizers, src/decoders/). What
such a decoder does to a row as a whole is left out: stripping its first blank, which llama.cpp's pieces keep too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Spell = Callable[[str], str | bytes]
"""From a spelling to text that the next step may change, or to bytes, which are final."""

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def make_pieces(vocabulary: Mapping[str, int], decoder: Mapping[str, Any] | None, size: int) -> list[bytes]:
    """The bytes of tokens 0 to `size` - 1; empty where there is no such token. `decoder`: as tokenizer.json has it."""
    steps = [step for part in _flatten(decoder) if (step := _make_step(part)) is not None]
    pieces = [b""] * size
    for spelling, token in vocabulary.items():
        if 0 <= token < size:
            pieces[token] = _apply(steps, spelling)
    return pieces


def spell_added(content: str, decoder: Mapping[str, Any] | None) -> bytes:
    """The bytes of a token that was added to the vocabulary: as it is written, but that blanks may be spelled."""
    steps = [step for part in _flatten(decoder) if part.get("type") != "ByteLevel" and (step := _make_step(part))]
    return _apply(steps, content) if any(map(_spells_blanks, _flatten(decoder))) else content.encode("utf-8", "replace")


def _apply(steps: Iterable[Spell], spelling: str) -> bytes:
    text: str | bytes = spelling
    for step in steps:
        if isinstance(text, bytes):
            break
        text = step(text)
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _flatten(decoder: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    if not decoder:
        return []
    parts = decoder.get("decoders")
    return [each for part in parts for each in _flatten(part)] if isinstance(parts, list) else [decoder]


def _spells_blanks(part: Mapping[str, Any]) -> bool:
    """Whether it is of the SentencePiece family, in which added tokens are runs of blanks as often as names."""
    return part.get("type") in {"Replace", "Metaspace"}


def _make_step(part: Mapping[str, Any]) -> Spell | None:
    """None for what has no meaning for one token (Fuse, Strip, CTC)."""
    match part:
        case {"type": "ByteLevel"}:
            return _unspell_bytes
        case {"type": "ByteFallback"}:
            return _unspell_byte
        case {"type": "Replace", "pattern": {"String": str(old)}, "content": str(new)}:
            return lambda text: text.replace(old, new)
        case {"type": "Metaspace", "replacement": str(mark)}:
            return lambda text: text.replace(mark, " ")
        case {"type": "WordPiece", "prefix": str(prefix)}:
            return lambda text: text.removeprefix(prefix) if text.startswith(prefix) else f" {text}"
        case {"type": "BPEDecoder", "suffix": str(suffix)}:
            return lambda text: f"{text.removesuffix(suffix)} " if suffix and text.endswith(suffix) else text
        case _:
            return None


def _unspell_bytes(text: str) -> str | bytes:
    try:
        return bytes(map(_BYTES_OF_LETTERS.__getitem__, text))
    except KeyError:  # not written in the byte alphabet: it stands for itself
        return text


def _unspell_byte(text: str) -> str | bytes:
    found = _BYTE.fullmatch(text)
    return bytes([int(found[1], 16)]) if found else text


def _read_alphabet() -> dict[str, int]:
    """GPT-2's letters for bytes: printable ones stand for themselves, the others for U+0100 and on, in order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = (byte for byte in range(256) if byte not in printable)
    return {chr(byte): byte for byte in printable} | {chr(0x100 + place): byte for place, byte in enumerate(others)}


_BYTES_OF_LETTERS = _read_alphabet()
