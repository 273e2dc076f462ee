"""Our tables against the library that the endpoint loads models with."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp
import llama_cpp.llama_cpp as ll
import pytest

from tray.models.gguf_types import FILE_TYPES, TENSOR_FORMATS

_PREFIX = "LLAMA_FTYPE_MOSTLY_"


@pytest.fixture(scope="module")
def ggml() -> ctypes.CDLL:
    folder = Path(llama_cpp.__file__).parent / "lib"
    library = ctypes.CDLL(str(next(folder.glob("*ggml-base.*"))))
    library.ggml_type_name.restype = ctypes.c_char_p
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    return library


@pytest.mark.parametrize("kind", TENSOR_FORMATS)
def test_a_format_takes_what_ggml_says(kind: int, ggml: ctypes.CDLL) -> None:
    form = TENSOR_FORMATS[kind]
    assert ggml.ggml_type_name(kind).decode().upper() == form.name
    assert (ggml.ggml_blck_size(kind), ggml.ggml_type_size(kind)) == (form.block, form.block_bytes)


def test_mixtures_are_called_as_llama_cpp_calls_them() -> None:
    theirs = {getattr(ll, name): name.removeprefix(_PREFIX) for name in dir(ll) if name.startswith(_PREFIX)}
    assert len(theirs) > 30
    assert {number: FILE_TYPES.get(number) for number in theirs} == theirs
