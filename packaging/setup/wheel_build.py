"""Builds the llama-cpp-python wheel from upstream's source archive, with our flags, and says how it goes.

The flags leave out what is never loaded and group the rest; they change no optimisation (llama_build.cmake tells). One
line of the source is changed (llama_wheel.cmake tells).
Owner: the main thread; a second thread reads the build's output. The build's processes end with this one's interest.
"""

from __future__ import annotations

import gzip
import math
import os
import platform
import sys
import sysconfig
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import build_machine
from build_process import BuildFailed, BuildRunner
from build_progress import Progress, format_elapsed
from wheel_cache import Key

PROJECT = "llama-cpp-python"
CMAKE_FILE = Path(__file__).resolve().with_name("llama_wheel.cmake")
SHARED_CMAKE_FILE = CMAKE_FILE.with_name("llama_build.cmake")
WHEEL_ONLY = "wheel's own cmake file"
"""The part of a key that no other build of llama.cpp depends on."""
FORCED_INCLUDE = CMAKE_FILE.with_name("gcc_amx_tiles.h")
PIP = (sys.executable, "-m", "pip")
CORE_SECONDS = 300
"""One core's time for the whole build, measured on a 2.x GHz Xeon; only ever shown as "about … minutes"."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to build and how. `jobs` is the number of compilers at once."""

    version: str
    cmake_args: str
    compiler: tuple[str, ...] | None
    jobs: int

    def key(self) -> Key:
        """All that the finished wheel depends on."""
        return Key(
            self.version,
            {
                "cmake flags": self.cmake_args,
                "cmake file": SHARED_CMAKE_FILE.read_text(encoding="utf-8"),
                WHEEL_ONLY: CMAKE_FILE.read_text(encoding="utf-8"),
                "forced include": FORCED_INCLUDE.read_text(encoding="utf-8"),
                "compiler": build_machine.describe_compiler(list(self.compiler or ())) if self.compiler else "",
                "cpu": build_machine.cpu_model(),
                "platform": sysconfig.get_platform(),
                "python": sys.implementation.cache_tag or platform.python_implementation(),
            },
        )


def plan_build(version: str, environment: Mapping[str, str]) -> Recipe:
    """The recipe for this machine. The caller's CMAKE_ARGS (a GPU backend, say) come last and so win."""
    ours = ["-DLLAVA_BUILD=OFF", "-DGGML_ALL_WARNINGS=OFF", "-DLLAMA_ALL_WARNINGS=OFF"]
    compiler = build_machine.find_compiler(environment)
    named = environment.get("CMAKE_BUILD_PARALLEL_LEVEL", "")
    chosen = build_machine.choose_jobs(build_machine.usable_cores(), build_machine.memory_bytes())
    return Recipe(
        version=version,
        cmake_args=" ".join([*ours, environment.get("CMAKE_ARGS", "")]).strip(),
        compiler=tuple(compiler) if compiler else None,
        jobs=int(named) if named.isdigit() and int(named) > 0 else chosen,
    )


def check_compiler(recipe: Recipe) -> None:
    """Raise BuildFailed now rather than minutes later when there is no C++ compiler. MSVC is left to CMake to find."""
    if recipe.compiler is None and sys.platform != "win32":
        hint = build_machine.COMPILER_HINTS.get(sys.platform, "install g++ or clang++")
        raise BuildFailed(
            f"{PROJECT} {recipe.version} must be compiled here, and there is no C++ compiler: {hint}.\n"
            "Or use a wheel that upstream built: TRAYPOINT_LLAMA_WHEELS=cpu (docs/setup.md)."
        )


def build_wheel(recipe: Recipe, staging: Path, cache: Path, stream: TextIO) -> Path:
    """Build in `staging` and return the wheel there. `cache` receives the source archive and build.log.

    Raises BuildFailed. An interrupt ends the build's processes and is passed on.
    """
    minutes = math.ceil(CORE_SECONDS / recipe.jobs / 60)
    stream.write(
        f"Compiling {PROJECT} {recipe.version} for this processor, once: about {minutes} min on {recipe.jobs} cores.\n"
        f"The wheel will be kept in {cache}\n"
    )
    progress = Progress(stream, _columns(stream))
    with (cache / "build.log").open("w", encoding="utf-8") as log:
        runner = BuildRunner(log, progress)
        progress.doing("downloading the source (75 MB)")
        archive = fetch_source(recipe.version, cache / "sdist", staging, runner)
        progress.doing("unpacking the source")
        source = unpack(archive, staging)
        runner.run(_wheel_command(source, staging), cmake_environment(recipe))
    stream.write(f"Compiled in {format_elapsed(runner.elapsed_s())} min.\n")
    return next((staging / "wheel").glob("*.whl"))


def _columns(stream: TextIO) -> int | None:
    """The width of the user's terminal, which need not be stdout's; None when `stream` is none."""
    return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else None


def _wheel_command(source: Path, staging: Path) -> list[str]:
    # pip would keep the wheel in its own cache too, under a key that knows neither flags nor processor.
    words = ["wheel", "-v", "--no-deps", "--no-cache-dir", "-w", str(staging / "wheel")]
    return [*PIP, *words, f"--config-settings=build-dir={staging / 'build'}", str(source)]


def cmake_environment(recipe: Recipe) -> dict[str, str]:
    """The caller's environment with our flags. CMake splits CMAKE_ARGS like a shell: quote the path."""
    include = f'"-DCMAKE_PROJECT_llama_cpp_INCLUDE={CMAKE_FILE.as_posix()}"'
    return os.environ | {
        "CMAKE_ARGS": f"{include} {recipe.cmake_args}",
        "CMAKE_BUILD_PARALLEL_LEVEL": str(recipe.jobs),
        "PYTHONUNBUFFERED": "1",
    }


def fetch_source(version: str, kept: Path, staging: Path, runner: BuildRunner) -> Path:
    """The source archive of this version, from the cache or the package index."""
    name = f"llama_cpp_python-{version}.tar.gz"
    if not (kept / name).exists():
        words = ["download", "--no-deps", "--no-binary", PROJECT, "-d", str(staging), f"{PROJECT}=={version}"]
        runner.run([*PIP, *words], os.environ)
        kept.mkdir(exist_ok=True)
        (staging / name).replace(kept / name)
    return kept / name


def unpack(archive: Path, staging: Path) -> Path:
    """The archive's one folder, unpacked in `staging`; a damaged archive is thrown away."""
    try:
        with tarfile.open(archive) as tar:
            # Python before 3.11.4 has no filters.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            tar.extractall(staging / "source")  # noqa: S202 (filtered, and from the index that we install from)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        archive.unlink()
        raise BuildFailed(
            f"The source archive {archive} can't be unpacked ({error}). Removed it: run this again."
        ) from error
    return next((staging / "source").iterdir())
