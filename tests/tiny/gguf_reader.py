"""Reads a GGUF file (version 2 or 3): its metadata, so that a tiny model can have a real model's vocabulary, and the
tensors in the formats that the starter model has. Blocks of 32 weights: ggml, src/ggml-common.h.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from tests.tiny.gguf import Scalar, Tensor, Value

_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_BLOCK = 32
_ALIGNMENT = 32

Raw = npt.NDArray[np.uint8]


def read_metadata(path: Path) -> dict[str, Value]:
    """Every key and its value. Raises ValueError for a file of another kind."""
    with path.open("rb") as file:
        return _head(file)[0]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor as float32, its shape as numpy has it. Raises ValueError for another kind of file or of tensor."""
    with path.open("rb") as file:
        metadata, count = _head(file)
        if metadata.get("general.alignment", _ALIGNMENT) != _ALIGNMENT:
            raise ValueError(f"{path} is not aligned to {_ALIGNMENT} bytes")
        places = [_place(file) for _ in range(count)]
        start = -(-file.tell() // _ALIGNMENT) * _ALIGNMENT
    data = np.memmap(path, np.uint8, "r")
    return {name: _tensor(data[start + offset :], shape, kind) for name, shape, kind, offset in places}


def _head(file: BinaryIO) -> tuple[dict[str, Value], int]:
    if file.read(4) != b"GGUF":
        raise ValueError(f"{file.name} is not a GGUF file")
    _version, tensors, keys = struct.unpack("<IQQ", file.read(20))
    return {_string(file): _value(file) for _ in range(keys)}, tensors


def _place(file: BinaryIO) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, format, and where it begins."""
    name = _string(file)
    dimensions = int(_scalar(file, 4))
    sizes: tuple[int, ...] = struct.unpack(f"<{dimensions}Q", file.read(8 * dimensions))
    kind, offset = struct.unpack("<IQ", file.read(12))
    return name, sizes[::-1], kind, offset


def _tensor(data: Raw, shape: tuple[int, ...], kind: int) -> Tensor:
    if kind not in _FORMS:
        raise ValueError(f"tensors of format {kind} can't be read")
    size, block_bytes, read = _FORMS[kind]
    blocks = prod(shape) // size
    return read(data[: blocks * block_bytes].reshape(blocks, block_bytes)).reshape(shape)


def _read_f32(blocks: Raw) -> Tensor:
    return np.ascontiguousarray(blocks).view(np.float32).copy()


def _read_q4_1(blocks: Raw) -> Tensor:
    """A scale, a least value, and 32 times four bits, the low halves of all bytes first."""
    scale, least = _half(blocks, 0), _half(blocks, 2)
    return np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1).astype(np.float32) * scale + least


def _read_q8_0(blocks: Raw) -> Tensor:
    """A scale and 32 signed bytes."""
    return blocks[:, 2:].view(np.int8).astype(np.float32) * _half(blocks, 0)


def _half(blocks: Raw, at: int) -> Tensor:
    return np.ascontiguousarray(blocks[:, at : at + 2]).view(np.float16).astype(np.float32)


_FORMS: dict[int, tuple[int, int, Callable[[Raw], Tensor]]] = {
    0: (1, 4, _read_f32),
    3: (_BLOCK, 4 + _BLOCK // 2, _read_q4_1),
    8: (_BLOCK, 2 + _BLOCK, _read_q8_0),
}
"""Formats by ggml's numbers: weights and bytes of a block, and how to read some."""


def _value(file: BinaryIO) -> Value:
    kind = int(_scalar(file, 4))
    if kind != _ARRAY:
        return _scalar(file, kind)
    item, length = struct.unpack("<IQ", file.read(12))
    return [_scalar(file, item) for _ in range(length)]


def _scalar(file: BinaryIO, kind: int) -> Scalar:
    if kind == _STRING:
        return _string(file)
    form = _FORMATS[kind]
    value: Scalar = struct.unpack(form, file.read(struct.calcsize(form)))[0]
    return value


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    return file.read(length).decode()
