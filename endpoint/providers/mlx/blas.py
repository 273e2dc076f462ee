"""Chooses what MLX multiplies matrices with on a Linux processor, before MLX is imported. Engine thread only.

MLX's wheel for Linux processors brings the reference BLAS, which is about ten times slower than OpenBLAS. Whatever
exports `cblas_sgemm` to the whole process first is taken instead, so OpenBLAS is loaded so before. On a Mac MLX has
Accelerate or the GPU, and a wheel for NVIDIA cards (mlx-cuda) needs none of this.

OpenBLAS keeps kernels for many processors and asks the running one for its model. One that is newer than the library
gets those of 2004 (0.3.21 of Debian 12 does this to the Xeons of 2023), which halves the speed. What a processor can do
is plain from its flags, so they decide, unless OPENBLAS_CORETYPE is set.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import logging
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger(__name__)

NAMES = ("libopenblasp.so.0", "libopenblas_pthreads.so.0", "libopenblas.so.0", "libopenblas.so")
"""Fedora, openSUSE, Debian and the others, development files. On Fedora the third is the one without threads."""

CORE_TYPE = "OPENBLAS_CORETYPE"
_AVX512 = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
_AVX2 = frozenset({"avx2", "fma"})

_MISSING = (
    "OpenBLAS was not found: on this processor MLX will read prompts about ten times slower than it could. Install "
    "libopenblas0-pthread (Debian, Ubuntu), openblas-threads (Fedora), libopenblas_pthreads0 (openSUSE) or openblas "
    "(Arch), and start again."
)


class Blas(StrEnum):
    """What became of it."""

    OPENBLAS = "openblas"
    MISSING = "missing"  # MLX runs, slowly
    TOO_LATE = "too_late"  # MLX is imported already, and has bound what there was
    NOT_NEEDED = "not_needed"  # no Linux, or a wheel for a GPU


def _has_processor_wheel() -> bool:
    """Whether MLX is installed with the part for processors, `mlx-cpu`; only Linux has it apart."""
    try:
        importlib.metadata.version("mlx-cpu")
    except importlib.metadata.PackageNotFoundError:
        return False
    return sys.platform.startswith("linux")


def _read_processor_flags() -> frozenset[str]:
    """What Linux says an x86 processor can do; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    line = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return frozenset(line.partition(":")[2].split())


@dataclass(frozen=True, slots=True)
class Machine:
    """What the choice depends on; a test has its own. `open` is ctypes.CDLL: it takes a name and a mode, and raises
    OSError where there is no such library."""

    needs_openblas: bool = field(default_factory=_has_processor_wheel)
    mlx_is_imported: bool = field(default_factory=lambda: "mlx.core" in sys.modules)
    processor_flags: frozenset[str] = field(default_factory=_read_processor_flags)
    environment: MutableMapping[str, str] = field(default_factory=lambda: os.environ)
    open: Callable[[str, int], Any] = ctypes.CDLL


def prefer_openblas(machine: Machine | None = None) -> Blas:
    """Load OpenBLAS so that MLX, imported later, multiplies with it. Never fails: without it MLX is only slow."""
    machine = machine or Machine()
    if not machine.needs_openblas:
        return Blas.NOT_NEEDED
    if machine.mlx_is_imported:
        return Blas.TOO_LATE
    with _core_type(machine):
        library = _open_first(machine.open, ctypes.RTLD_GLOBAL)
    if library is None:
        _LOGGER.warning(_MISSING)
        return Blas.MISSING
    _LOGGER.info("MLX multiplies with OpenBLAS, kernels for %s.", _tell_core(library))
    return Blas.OPENBLAS


def set_threads(count: int, open_library: Callable[[str, int], Any] = ctypes.CDLL) -> bool:
    """Let a loaded OpenBLAS compute with so many threads from now on (under a microsecond); False when none is loaded.

    While it works, and 0.13 s after, its threads wait for each other by spinning: no processor time goes to an idle
    endpoint, but beside busy programs several threads are far slower than one.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = _open_first(open_library, os.RTLD_NOLOAD | ctypes.RTLD_GLOBAL)
    if library is None:
        return False
    library.openblas_set_num_threads(max(1, count))
    return True


def choose_core_type(flags: frozenset[str]) -> str | None:
    """OpenBLAS's name for the widest kernels that a processor with these flags can run, of those that every version
    since 2018 has; None: let it choose."""
    if flags >= _AVX512:
        return "SkylakeX"
    return "Haswell" if flags >= _AVX2 else None


@contextlib.contextmanager
def _core_type(machine: Machine) -> Iterator[None]:
    """Name the kernels while the library is loaded, and not to processes that are started later."""
    chosen = choose_core_type(machine.processor_flags)
    if chosen is None or machine.environment.get(CORE_TYPE):
        yield
        return
    machine.environment[CORE_TYPE] = chosen
    try:
        yield
    finally:
        del machine.environment[CORE_TYPE]


def _open_first(open_library: Callable[[str, int], Any], mode: int) -> Any:
    """The first of NAMES that is there and is what MLX looks for; None when none is."""
    for name in NAMES:
        with contextlib.suppress(OSError):
            library = open_library(name, mode)
            if hasattr(library, "cblas_sgemm"):
                return library
    return None


def _tell_core(library: Any) -> str:
    library.openblas_get_corename.restype = ctypes.c_char_p
    return (library.openblas_get_corename() or b"unknown").decode(errors="replace")
