"""Reads the metadata of a GGUF file (version 2 or 3), so that a tiny model can have a real model's vocabulary."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from tests.tiny.gguf import Scalar, Value

_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9


def read_metadata(path: Path) -> dict[str, Value]:
    """Every key and its value. Raises ValueError for a file of another kind."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError(f"{path} is not a GGUF file")
        _version, _tensors, keys = struct.unpack("<IQQ", file.read(20))
        return {_string(file): _value(file) for _ in range(keys)}


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
