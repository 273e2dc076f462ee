from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.tiny.gguf import Value, write_gguf
from tests.tray.models.homes import HEADER, add_gguf
from tray.models.gguf_cursor import BUFFER_BYTES, MOST_STRINGS, BrokenHeader
from tray.models.gguf_header import KEPT_TEXT, LONGEST_KEPT, Header, read_header

_U32, _STRING, _ARRAY, _U8 = 4, 8, 9, 0


def string(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def head(pairs: bytes = b"", *, keys: int = 1, tensors: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + pairs


def read(tmp_path: Path, content: bytes) -> Header:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    return read_header(path)


def test_the_metadata_and_the_weights_are_read(tmp_path: Path) -> None:
    header = read_header(add_gguf(tmp_path / "model.gguf", weights=96))
    assert header.text("general.architecture") == "llama"
    assert header.number("llama.context_length") == 4096
    assert header.weights == {0: 96}
    assert header.lengths == {"tokenizer.ggml.tokens": 3}


def test_the_file_must_be_as_long_as_its_last_tensor_reaches(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    write_gguf(path, HEADER, {"a": np.zeros(40, np.float32), "b": np.zeros(8, np.float32)})
    assert read_header(path).end == path.stat().st_size


def test_an_array_with_one_number_a_layer_is_kept(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "model.gguf", {**HEADER, "llama.attention.head_count_kv": [0, 2, 0, 4]})
    assert read_header(path).numbers("llama.attention.head_count_kv") == (0, 2, 0, 4)
    assert read_header(path).number("llama.attention.head_count_kv") == 4


def test_a_vocabulary_larger_than_the_buffer_is_passed_over(tmp_path: Path) -> None:
    words = ["word" * (each % 50) for each in range(BUFFER_BYTES // 60)]
    scores = [0.5] * (LONGEST_KEPT + 1)
    behind: dict[str, Value] = {"tokenizer.ggml.tokens": words, "tokenizer.ggml.scores": scores, "last": 7}
    header = read_header(add_gguf(tmp_path / "model.gguf", {**HEADER, **behind}))
    assert header.number("last") == 7
    assert header.lengths["tokenizer.ggml.tokens"] == len(words)
    assert header.lengths["tokenizer.ggml.scores"] == len(scores)
    assert "tokenizer.ggml.scores" not in header.values


def test_a_text_beyond_what_is_kept_is_passed_over(tmp_path: Path) -> None:
    header = read_header(add_gguf(tmp_path / "m.gguf", {**HEADER, "long": "x" * (KEPT_TEXT + 1), "last": 7}))
    assert header.text("long") == ""
    assert header.number("last") == 7


def test_numbers_that_make_no_sense_as_sizes_are_nothing(tmp_path: Path) -> None:
    header = read_header(add_gguf(tmp_path / "m.gguf", {**HEADER, "a": 1.5, "b": "text", "c": [-3, 2]}))
    assert (header.number("a"), header.number("b"), header.numbers("c")) == (0, 0, (0, 2))


def test_text_that_is_not_utf8_is_read_all_the_same(tmp_path: Path) -> None:
    pair = string(b"general.name") + struct.pack("<I", _STRING) + string(b"\xff\xfe")
    assert read(tmp_path, head(pair)).text("general.name") == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "half-downloaded"),
        (b"GG", "half-downloaded"),
        (bytes(64), "no GGUF file"),
        (b"hello there, this is text", "no GGUF file"),
        (head(version=1), "version 1"),
        (head(version=3 << 24), "version"),
        (head(keys=1 << 60), "counts"),
        (head(tensors=1 << 60, keys=0), "counts"),
        (head(struct.pack("<Q", 1 << 40)), "a name of"),
        (head(string(b"a") + struct.pack("<I", 99)), "kind 99"),
        (head(string(b"a") + struct.pack("<IIQ", _ARRAY, _ARRAY, 1)), "arrays inside arrays"),
        (head(string(b"a") + struct.pack("<IIQ", _ARRAY, _STRING, 1 << 62)), f"more than {MOST_STRINGS:,} strings"),
        (head(string(b"a") + struct.pack("<IIQ", _ARRAY, _STRING, 9)), "half-downloaded"),
        (head(string(b"a") + struct.pack("<IIQ", _ARRAY, _U8, 1 << 62)), "half-downloaded"),
        (head(string(b"a") + struct.pack("<IQ", _STRING, 1 << 62)), "half-downloaded"),
        (head(string(b"a") + struct.pack("<IQ", _STRING, 100)), "half-downloaded"),
        (head(string(b"general.alignment") + struct.pack("<II", _U32, 0)), "aligned to 0"),
        (head((string(b"a") + struct.pack("<IB", _U8, 1)) * 2, keys=2), "the key 'a' twice"),
        (head(string(b"t") + struct.pack("<I", 77), keys=0, tensors=1), "77 dimensions"),
        (head(string(b"t") + struct.pack("<IQQIQ", 2, 1 << 60, 9, 0, 0), keys=0, tensors=1), "more than any model"),
    ],
)
def test_a_header_that_lies_is_told_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BrokenHeader, match=said) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_zeros_in_a_sparse_file_of_terabytes_are_given_up_soon(tmp_path: Path) -> None:
    pair = string(b"a") + struct.pack("<IIQ", _ARRAY, _STRING, MOST_STRINGS)
    path = tmp_path / "model.gguf"
    path.write_bytes(head(pair, keys=4096))
    os.truncate(path, 1 << 42)
    with pytest.raises(BrokenHeader, match="twice"):
        read_header(path)
