"""Finds or builds llama-server from the llama.cpp source inside llama-cpp-python's own source archive.

Same revision, compiler, flags and forced header as the library that Traypoint loads, so that a ratio tells of the
servers and not of their builds; the source as upstream has it (ours has one line changed, docs/adr/0009). Kept in the
user's cache directory beside the wheel, under a key of all that it depends on. Usage, for the path alone:
python -m tests.bench.peer_build. Exit code 0, or 1 with the reason.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

import wheel_build
from build_process import BuildFailed, BuildRunner
from build_progress import Progress, format_elapsed
from llama_wheel import PYPROJECT, pinned_version
from wheel_cache import Key, WheelCache, user_cache_dir

TARGET = "llama-server"
CMAKE_FILE = Path(__file__).resolve().with_name("peer_build.cmake")
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",  # one file to keep
    "-DLLAMA_CURL=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",  # nothing is downloaded
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
)


def find_or_build(stream: TextIO) -> Path:
    """The path of llama-server; what happens is told on `stream`. Raises BuildFailed."""
    root = user_cache_dir(sys.platform, os.environ, Path.home())
    cache = WheelCache(root / TARGET, f"{TARGET}*")
    recipe = wheel_build.plan_build(pinned_version(PYPROJECT), os.environ)
    key = make_key(recipe)
    ready = cache.find(key)
    if ready:
        return ready
    wheel_build.check_compiler(recipe)
    _check_tools()
    with cache.adding(lambda: _say(stream, f"Another build of {TARGET} is running: waiting for it.")) as staging:
        ready = cache.find(key)  # whoever held the lock before may have built just this
        return ready or cache.keep(key, _build(recipe, root, staging, stream), staging)


def make_key(recipe: wheel_build.Recipe) -> Key:
    """What the wheel depends on, but for the line of source that is changed there, and our own options."""
    wheel = recipe.key()
    parts = {name: text for name, text in wheel.parts.items() if name != wheel_build.WHEEL_ONLY}
    ours = {"peer options": " ".join(OPTIONS), "peer cmake file": CMAKE_FILE.read_text(encoding="utf-8")}
    return Key(wheel.version, {**parts, **ours})


def _check_tools() -> None:
    missing = [name for name in ("cmake", "ninja") if shutil.which(name) is None]
    if missing:
        raise BuildFailed(f"{TARGET} can't be built: {' and '.join(missing)} not on PATH. Try: pip install cmake ninja")


def _build(recipe: wheel_build.Recipe, root: Path, staging: Path, stream: TextIO) -> Path:
    _say(stream, f"Compiling {TARGET} from llama-cpp-python {recipe.version}, once: about 10 minutes on two cores.")
    progress = Progress(stream, None)
    with (root / TARGET / "build.log").open("w", encoding="utf-8") as log:
        runner = BuildRunner(log, progress)
        kept = root / wheel_build.PROJECT / "sdist"
        kept.parent.mkdir(parents=True, exist_ok=True)
        source = wheel_build.unpack(wheel_build.fetch_source(recipe.version, kept, staging, runner), staging)
        build = staging / "build"
        runner.run(configure_command(recipe, source / "vendor" / "llama.cpp", build), os.environ)
        runner.run(["cmake", "--build", str(build), "--target", TARGET, "-j", str(recipe.jobs)], os.environ)
    _say(stream, f"Compiled in {format_elapsed(runner.elapsed_s())} min.")
    return next(path for path in (build / "bin").glob(f"{TARGET}*") if path.is_file())


def configure_command(recipe: wheel_build.Recipe, source: Path, build: Path) -> list[str]:
    """CMake's first call."""
    include = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={CMAKE_FILE.as_posix()}"
    return ["cmake", "-G", "Ninja", "-S", str(source), "-B", str(build), include, *recipe.cmake_args.split(), *OPTIONS]


def _say(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


def main() -> int:
    """Print the path; see the module for the exit codes."""
    try:
        print(find_or_build(sys.stderr))
    except BuildFailed as error:
        print(f"peer_build: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
