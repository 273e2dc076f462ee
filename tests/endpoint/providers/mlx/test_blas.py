"""Which matrix library MLX gets: decided with a fake loader, and seen in the dynamic linker's own account."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from endpoint.providers.mlx.blas import (
    CORE_TYPE,
    NAMES,
    Blas,
    Machine,
    choose_core_type,
    prefer_openblas,
    set_threads,
)

AVX2 = frozenset({"sse2", "avx2", "fma"})
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


class FakeFunction:
    """A C function: notes what it is called with."""

    def __init__(self, result: object = None) -> None:
        self.calls: list[tuple[int, ...]] = []
        self.restype: object = None
        self._result = result

    def __call__(self, *values: int) -> object:
        self.calls.append(values)
        return self._result


class FakeLibrary:
    """OpenBLAS, as far as it is asked."""

    def __init__(self) -> None:
        self.cblas_sgemm = FakeFunction()
        self.openblas_get_corename = FakeFunction(b"Z80")
        self.openblas_set_num_threads = FakeFunction()


class FakeLoader:
    """Has the libraries that it is given; notes what it was asked for and what the kernels were called then."""

    def __init__(self, libraries: dict[str, object], environment: dict[str, str] | None = None) -> None:
        self.asked: list[tuple[str, int]] = []
        self.core_types: list[str | None] = []
        self.environment = environment or {}
        self._libraries = libraries

    def __call__(self, name: str, mode: int) -> object:
        self.asked.append((name, mode))
        self.core_types.append(self.environment.get(CORE_TYPE))
        if name not in self._libraries:
            raise OSError(f"{name}: cannot open shared object file")
        return self._libraries[name]

    def machine(self, *, needed: bool = True, imported: bool = False, flags: frozenset[str] = AVX2) -> Machine:
        return Machine(needed, imported, flags, self.environment, self)


def test_openblas_is_loaded_for_the_whole_process_with_kernels_for_the_processor() -> None:
    loader = FakeLoader({"libopenblas.so.0": FakeLibrary()})
    assert prefer_openblas(loader.machine()) is Blas.OPENBLAS
    assert loader.asked[-1] == ("libopenblas.so.0", ctypes.RTLD_GLOBAL)
    assert loader.core_types[-1] == "Haswell"


def test_the_name_of_the_kernels_is_not_left_to_processes_started_later() -> None:
    loader = FakeLoader({"libopenblas.so.0": FakeLibrary()})
    prefer_openblas(loader.machine())
    assert loader.environment == {}


def test_a_users_own_choice_of_kernels_stands() -> None:
    loader = FakeLoader({"libopenblas.so.0": FakeLibrary()}, {CORE_TYPE: "Zen"})
    prefer_openblas(loader.machine())
    assert loader.core_types[-1] == "Zen"
    assert loader.environment == {CORE_TYPE: "Zen"}


def test_a_build_with_threads_comes_before_one_without() -> None:
    loader = FakeLoader({"libopenblas.so.0": FakeLibrary(), "libopenblasp.so.0": FakeLibrary()})
    prefer_openblas(loader.machine())
    assert [name for name, _ in loader.asked] == ["libopenblasp.so.0"]


def test_a_library_without_what_mlx_looks_for_is_passed_over() -> None:
    loader = FakeLoader({"libopenblasp.so.0": object(), "libopenblas.so": FakeLibrary()})
    assert prefer_openblas(loader.machine()) is Blas.OPENBLAS
    assert loader.asked[-1][0] == "libopenblas.so"


def test_without_openblas_a_warning_names_the_package_and_nothing_fails(caplog: pytest.LogCaptureFixture) -> None:
    loader = FakeLoader({})
    assert prefer_openblas(loader.machine()) is Blas.MISSING
    assert [name for name, _ in loader.asked] == list(NAMES)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "ten times slower" in record.message
    assert "libopenblas0-pthread (Debian, Ubuntu)" in record.message


@pytest.mark.parametrize(
    ("needed", "imported", "outcome"), [(False, False, Blas.NOT_NEEDED), (True, True, Blas.TOO_LATE)]
)
def test_nothing_is_loaded_where_it_would_do_nothing(*, needed: bool, imported: bool, outcome: Blas) -> None:
    loader = FakeLoader({"libopenblas.so.0": FakeLibrary()})
    assert prefer_openblas(loader.machine(needed=needed, imported=imported)) is outcome
    assert loader.asked == []


@pytest.mark.parametrize(
    ("flags", "name"),
    [(AVX512, "SkylakeX"), (AVX2, "Haswell"), (AVX512 - {"avx512vl"}, "Haswell"), (frozenset({"sse2"}), None)],
)
def test_kernels_follow_what_the_processor_can_do(flags: frozenset[str], name: str | None) -> None:
    assert choose_core_type(flags) == name


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has MLX's wheel for processors")
class TestOnLinux:
    """What needs Linux's loader, or the real libraries."""

    def test_threads_are_set_in_the_library_that_is_loaded_already(self) -> None:
        library = FakeLibrary()
        loader = FakeLoader({"libopenblas.so.0": library})
        assert set_threads(3, loader)
        assert library.openblas_set_num_threads.calls == [(3,)]
        assert all(mode & os.RTLD_NOLOAD for _, mode in loader.asked)

    def test_threads_without_openblas_are_nobodys(self) -> None:
        assert not set_threads(3, FakeLoader({}))

    def test_mlx_binds_its_matrix_product_to_openblas(self, tmp_path: Path) -> None:
        if importlib.util.find_spec("mlx") is None:
            pytest.skip("mlx is not installed")
        bound = bindings_of_sgemm(tmp_path)
        assert bound, "libmlx.so binds no cblas_sgemm any more"
        assert all("libopenblas" in line for line in bound)


PRODUCT = """
from endpoint.providers.mlx.blas import Blas, prefer_openblas, set_threads
outcome = prefer_openblas()
assert outcome is Blas.OPENBLAS, outcome
assert set_threads(1)
import ctypes
assert ctypes.CDLL("libopenblas.so.0").openblas_get_num_threads() == 1
import mlx.core as mx
mx.eval(mx.ones((64, 64)) @ mx.ones((64, 64)))
mx.synchronize()
mx.clear_streams()
"""


def bindings_of_sgemm(folder: Path) -> list[str]:
    """The dynamic linker's lines on libmlx's `cblas_sgemm`, from a process that multiplies two matrices."""
    environment = os.environ | {
        "LD_DEBUG": "bindings",
        "LD_DEBUG_OUTPUT": str(folder / "bindings"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PRODUCT], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    lines = [line for file in folder.glob("bindings.*") for line in file.read_text(errors="replace").splitlines()]
    return [line for line in lines if "libmlx.so" in line.partition(" to ")[0] and "`cblas_sgemm'" in line]
