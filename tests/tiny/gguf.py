"""Writes GGUF version 3, as much of it as tiny models need: strings, numbers, arrays of them, f32 tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Tensor = npt.NDArray[np.float32]
"""Rows first, as numpy has it: llama.cpp's {a, b} is shape (b, a) here."""
Scalar = str | bool | int | float
Value = Scalar | Sequence[Scalar]

_ALIGNMENT = 32
_F32 = 0
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9


def write_gguf(path: Path, metadata: Mapping[str, Value], tensors: Mapping[str, Tensor]) -> None:
    """Write a model file. Integers are written as 32 bits: unsigned alone, signed in arrays."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    head += b"".join(_string(key) + _value(value) for key, value in metadata.items())
    data = b""
    for name, tensor in tensors.items():
        sizes = tensor.shape[::-1]
        head += _string(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, _F32, len(data))
        data += _pad(tensor.astype("<f4").tobytes())
    path.write_bytes(_pad(head) + data)


def _value(value: Value) -> bytes:
    if isinstance(value, str) or not isinstance(value, Sequence):
        kind = _kind(value)
        return struct.pack("<I", kind) + _scalar(kind, value)
    kind = _INT32 if isinstance(value[0], int) else _kind(value[0])
    return struct.pack("<IIQ", _ARRAY, kind, len(value)) + b"".join(_scalar(kind, each) for each in value)


def _kind(value: Scalar) -> int:
    kinds: dict[type, int] = {str: _STRING, bool: _BOOL, int: _UINT32, float: _FLOAT32}
    return kinds[type(value)]


def _scalar(kind: int, value: Scalar) -> bytes:
    if kind == _STRING:
        return _string(str(value))
    return struct.pack({_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f", _BOOL: "<?"}[kind], value)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % _ALIGNMENT)
