"""Headers and configs as an enemy would write them: sound ones with bytes changed, sound structure with odd values."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

from hypothesis import strategies as st

_ODD_NUMBERS = st.sampled_from(
    [0, 1, 2, 3, 255, 1 << 16, (1 << 31) - 1, 1 << 32, 1 << 40, (1 << 63) - 1, (1 << 64) - 1]
)
_KEYS = st.sampled_from(
    [
        "general.architecture",
        "general.alignment",
        "general.type",
        "general.file_type",
        "split.count",
        "tokenizer.ggml.tokens",
        "tokenizer.chat_template",
        *(
            f"llama.{name}"
            for name in (
                "block_count",
                "context_length",
                "embedding_length",
                "attention.head_count",
                "attention.head_count_kv",
                "attention.key_length",
                "attention.sliding_window",
                "attention.sliding_window_pattern",
                "attention.shared_kv_layers",
                "attention.recurrent_layers",
                "ssm.state_size",
                "ssm.inner_size",
                "wkv.head_size",
                "pooling_type",
                "vocab_size",
            )
        ),
    ]
)
_CODES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


def _string(text: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(text) if length is None else length) + text


def _pair(key: str, kind: int, payload: bytes) -> bytes:
    return _string(key.encode()) + struct.pack("<I", kind) + payload


_numbers = st.sampled_from([4, 5, 10, 11]).flatmap(
    lambda kind: _ODD_NUMBERS.map(
        lambda value: (kind, struct.pack(f"<{_CODES[kind].upper()}", value % (1 << (32 if kind < 6 else 64))))
    )
)
_texts = st.one_of(st.binary(max_size=20), st.sampled_from([b"llama", b"clip", b"{% if tools %}<think>"]))
_honest = st.one_of(_numbers, _texts.map(lambda text: (8, _string(text))))
_lying = st.one_of(
    st.tuples(_texts, _ODD_NUMBERS).map(lambda each: (8, _string(*each))),
    st.tuples(st.integers(0, 13), _ODD_NUMBERS, st.binary(max_size=40)).map(
        lambda each: (9, struct.pack("<IQ", each[0], each[1]) + each[2])
    ),
    st.tuples(st.integers(0, 20), st.binary(max_size=16)),
)
_pairs = st.lists(st.tuples(_KEYS, st.one_of(_honest, _honest, _lying)), max_size=12)
_tensors = st.lists(
    st.tuples(st.binary(max_size=8), st.integers(0, 5), _ODD_NUMBERS, st.integers(0, 45), _ODD_NUMBERS), max_size=4
)


def _assemble(
    pairs: Sequence[tuple[str, tuple[int, bytes]]],
    tensors: Sequence[tuple[bytes, int, int, int, int]],
    tail: bytes,
) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs))
    body = b"".join(_pair(key, kind, payload) for key, (kind, payload) in pairs)
    for name, dimensions, size, kind, offset in tensors:
        sizes = struct.pack(f"<{dimensions}Q", *[size] * dimensions)
        body += _string(name) + struct.pack("<I", dimensions) + sizes + struct.pack("<IQ", kind, offset)
    return head + body + tail


def damaged(sound: bytes) -> st.SearchStrategy[bytes]:
    """A sound file with a few bytes changed, cut off, or with something behind it."""
    changes = st.lists(st.tuples(st.integers(0, len(sound) - 1), st.integers(0, 255)), max_size=6)

    def apply(changed: list[tuple[int, int]], length: int) -> bytes:
        content = bytearray(sound)
        for place, value in changed:
            content[place] = value
        return bytes(content[:length])

    return st.builds(apply, changes, st.integers(0, len(sound)))


def headers(sound: bytes) -> st.SearchStrategy[bytes]:
    """GGUF files."""
    return st.one_of(
        st.builds(_assemble, _pairs, _tensors, st.binary(max_size=64)),
        damaged(sound),
        st.binary(max_size=64).map(lambda rest: b"GGUF" + rest),
    )


_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from([1 << 62, -1, 10**30]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=8,
)
_CONFIG_KEYS = (
    "model_type",
    "architectures",
    "text_config",
    "quantization",
    "quantization_config",
    "num_hidden_layers",
    "hidden_size",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "layer_types",
    "sliding_window",
    "sliding_window_pattern",
    "full_attention_interval",
    "max_position_embeddings",
    "torch_dtype",
    "vision_config",
    "is_encoder_decoder",
    "model_file",
    "kv_lora_rank",
    "state_size",
    "linear_num_value_heads",
)


def configs(sound: dict[str, object]) -> st.SearchStrategy[bytes]:
    """What a config.json may hold."""
    odd = st.dictionaries(st.sampled_from(_CONFIG_KEYS), _values, max_size=8)
    written = odd.map(lambda changes: json.dumps(sound | changes).encode())
    nested = st.integers(1, 100_000).map(lambda depth: b"[" * depth)
    return st.one_of(written, written, damaged(json.dumps(sound).encode()), nested, st.binary(max_size=64))
