from __future__ import annotations

import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import llama_wheel
import wheel_build
from build_process import BuildFailed
from tests.packaging.setup.processes import needs_proc, wait_for_end
from wheel_build import CMAKE_FILE, Recipe, build_wheel, check_compiler, cmake_environment, plan_build

VERSION = "0.0.7"
SETUP_CFG = f"[metadata]\nname = llama_cpp_python\nversion = {VERSION}\n"
BACKEND = """
import os, sys, time
def build_wheel(where, settings=None, metadata=None):
    print("[1/2] cc -c /s/first.cpp", flush=True)
    {body}
    name = "llama_cpp_python-{version}-py3-none-any.whl"
    import zipfile
    with zipfile.ZipFile(os.path.join(where, name), "w") as wheel:
        wheel.writestr("llama_cpp_python-{version}.dist-info/METADATA",
                       "Metadata-Version: 2.1\\nName: llama-cpp-python\\nVersion: {version}\\n")
        wheel.writestr("llama_cpp_python-{version}.dist-info/WHEEL",
                       "Wheel-Version: 1.0\\nGenerator: hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("llama_cpp_python-{version}.dist-info/RECORD", "")
        wheel.writestr("flags.txt", os.environ["CMAKE_ARGS"])
    return name
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def write_source(cache: Path, body: str, version: str = VERSION) -> None:
    """A source archive in the cache whose build backend is a page of Python: pip builds it for real, in a moment."""
    folder = cache / "source" / f"llama_cpp_python-{version}"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND.format(body=body, version=version), encoding="utf-8")
    (folder / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: x\nVersion: {version}\n", encoding="utf-8")
    (cache / "sdist").mkdir()
    with tarfile.open(cache / "sdist" / f"llama_cpp_python-{version}.tar.gz", "w:gz") as tar:
        tar.add(folder, folder.name)


def recipe(compiler: tuple[str, ...] | None = ("c++",), jobs: int = 2) -> Recipe:
    return Recipe(VERSION, "-DLLAVA_BUILD=OFF", compiler, jobs)


def build(tmp_path: Path, told: io.StringIO) -> Path:
    staging = tmp_path / "part"
    staging.mkdir()
    return build_wheel(recipe(), staging, tmp_path, told)


def test_a_source_archive_becomes_a_wheel_built_with_our_flags(tmp_path: Path) -> None:
    write_source(tmp_path, "pass")
    told = io.StringIO()
    wheel = build(tmp_path, told)
    assert wheel.name == f"llama_cpp_python-{VERSION}-py3-none-any.whl"
    shutil.unpack_archive(wheel, tmp_path / "out", "zip")
    flags = shlex.split((tmp_path / "out" / "flags.txt").read_text(encoding="utf-8"))
    assert flags == [f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={CMAKE_FILE}", "-DLLAVA_BUILD=OFF"]
    assert told.getvalue().startswith(
        f"Compiling llama-cpp-python {VERSION} for this processor, once: about 3 min on 2"
    )


def test_a_failed_build_ends_with_the_compiler_s_words(tmp_path: Path) -> None:
    write_source(tmp_path, "raise SystemExit('first.cpp:1: error: no such thing')")
    with pytest.raises(BuildFailed, match=r"(?s)first.cpp:1: error: no such thing.*build.log"):
        build(tmp_path, io.StringIO())


def test_a_damaged_archive_is_removed_so_that_the_next_try_fetches_it_anew(tmp_path: Path) -> None:
    write_source(tmp_path, "pass")
    archive = tmp_path / "sdist" / f"llama_cpp_python-{VERSION}.tar.gz"
    archive.write_bytes(archive.read_bytes()[:200])
    with pytest.raises(BuildFailed, match="can't be unpacked"):
        build(tmp_path, io.StringIO())
    assert not archive.exists()


def test_a_missing_compiler_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheel_build.sys.platform", "linux")
    with pytest.raises(BuildFailed, match=r"sudo apt install g\+\+"):
        check_compiler(recipe(compiler=None))
    check_compiler(recipe())


def test_windows_is_left_to_find_its_own_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheel_build.sys.platform", "win32")
    check_compiler(recipe(compiler=None))


def test_the_caller_s_flags_and_number_of_jobs_are_heeded() -> None:
    planned = plan_build(VERSION, {"CMAKE_ARGS": "-DGGML_CUDA=on", "CMAKE_BUILD_PARALLEL_LEVEL": "3"})
    assert planned.cmake_args.endswith(" -DGGML_CUDA=on")
    assert planned.jobs == 3
    assert cmake_environment(planned)["CMAKE_BUILD_PARALLEL_LEVEL"] == "3"


@pytest.mark.parametrize("named", ["", "0", "many"])
def test_a_number_of_jobs_that_is_none_is_chosen_for_the_machine(named: str) -> None:
    assert plan_build(VERSION, {"CMAKE_BUILD_PARALLEL_LEVEL": named}).jobs >= 1


def test_other_flags_or_another_compiler_are_another_wheel() -> None:
    keys = {
        Recipe(VERSION, flags, compiler, 1).key().folder()
        for flags in ("", "-DGGML_CUDA=on")
        for compiler in (None, tuple(plan_build(VERSION, os.environ).compiler or ()) or ("c++",))
    }
    assert len(keys) == 4
    assert recipe(jobs=1).key() == recipe(jobs=8).key()


@needs_proc
def test_a_terminated_set_up_keeps_nothing_and_ends_its_build(tmp_path: Path) -> None:
    version = llama_wheel.pinned_version(llama_wheel.PYPROJECT)
    cache = tmp_path / "traypoint" / wheel_build.PROJECT
    write_source(cache, "open(os.environ['STARTED'], 'w').write(str(os.getpid())); time.sleep(600)", version)
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "STARTED": str(fifo), "CXX": sys.executable,
        "TRAYPOINT_LLAMA_WHEELS": "source",
    }  # fmt: skip
    command = [sys.executable, llama_wheel.__file__]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as script:
        pid = int(fifo.read_text(encoding="utf-8"))  # returns once the build has begun
        script.send_signal(signal.SIGTERM)
        _, told = script.communicate()
    assert script.returncode == 130
    assert told.splitlines()[-1].startswith("llama_wheel: interrupted; nothing half-built was kept")
    wait_for_end(pid)
    left = {path.name for path in cache.iterdir()} - {"source"}
    assert left == {"sdist", "build.log", "lock"}
