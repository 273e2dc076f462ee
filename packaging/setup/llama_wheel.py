"""Gets a llama-cpp-python wheel of exactly the version that pyproject.toml pins, and prints its path on stdout.

In this order: one that was built or fetched here before; upstream's own (by default on Apple silicon, elsewhere when
TRAYPOINT_LLAMA_WHEELS says which); one compiled here. What happens is told on stderr. Standard library only.
Exit code 0 with a path, 1 with a reason, 130 when interrupted.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import wheel_build
from build_process import BuildFailed
from wheel_cache import Key, WheelCache, user_cache_dir

VARIABLE = "TRAYPOINT_LLAMA_WHEELS"
UPSTREAM = "https://abetlen.github.io/llama-cpp-python/whl/"
FROM_SOURCE = "source"
PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def pinned_version(pyproject: Path) -> str:
    """The version that the extra `llamacpp` pins. Raises BuildFailed when it pins none."""
    extras = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    pins = [need.partition("==")[2].strip() for need in extras["llamacpp"] if need.startswith(wheel_build.PROJECT)]
    if len(pins) != 1 or not pins[0]:
        raise BuildFailed(f"{pyproject}: the extra llamacpp must hold one {wheel_build.PROJECT}==version.")
    return str(pins[0])


def choose_index(environment: Mapping[str, str], system: str, machine: str) -> str | None:
    """Where to take a built wheel from, as a URL or a folder of wheels; None to compile.

    `system` and `machine` are platform.system() and platform.machine().
    """
    wanted = environment.get(VARIABLE, "").strip()
    if wanted == FROM_SOURCE:
        return None
    if not wanted:
        return UPSTREAM + "metal" if (system, machine) == ("Darwin", "arm64") else None
    if wanted.isalnum():  # cpu, metal, vulkan, cu124…
        return UPSTREAM + wanted
    return wanted


def fetch_wheel(version: str, index: str, staging: Path) -> Path:
    """Download upstream's wheel for this machine from `index` (a URL or a folder). Raises BuildFailed."""
    words = ["download", "--no-deps", "--only-binary", wheel_build.PROJECT, "-d", str(staging), *_pip_source(index)]
    command = [*wheel_build.PIP, *words, f"{wheel_build.PROJECT}=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheel = next(staging.glob("*.whl"), None)
    if done.returncode != 0 or wheel is None:
        raise BuildFailed(
            f"{done.stderr.strip()}\nNo {wheel_build.PROJECT} {version} wheel for this machine at {index}\n"
            f"Set {VARIABLE} to cpu, cu124, metal, vulkan, a URL, a folder, or to {FROM_SOURCE} to compile."
        )
    return wheel


def _pip_source(index: str) -> list[str]:
    """What pip is told for a folder of wheels, a folder that is an index (one subfolder a project), or a URL."""
    folder = Path(index)
    if not folder.is_dir():
        return ["--extra-index-url", index]
    if any(folder.glob("*.whl")):
        return ["--find-links", index]
    return ["--extra-index-url", folder.resolve().as_uri()]


def get_wheel(version: str, cache: WheelCache, stream: TextIO) -> Path:
    """The wheel, from wherever it can be had; see the module for the order. Raises BuildFailed."""
    index = choose_index(os.environ, platform.system(), platform.machine())
    if index is None:
        return _get_built(version, cache, stream)
    try:
        return _get_fetched(version, index, cache, stream)
    except BuildFailed as error:
        if os.environ.get(VARIABLE, "").strip():
            raise  # asked for by name: don't quietly do something else
        stream.write(f"{error}\nCompiling it instead.\n")
        return _get_built(version, cache, stream)


def _get_fetched(version: str, index: str, cache: WheelCache, stream: TextIO) -> Path:
    tag = sys.implementation.cache_tag or ""
    key = Key(version, {"index": index, "platform": sysconfig.get_platform(), "python": tag})
    ready = cache.find(key)
    if ready:
        return ready
    with cache.adding(lambda: _say_waiting(stream)) as staging:
        stream.write(f"Fetching the {wheel_build.PROJECT} {version} wheel from {index}\n")
        return cache.find(key) or cache.keep(key, fetch_wheel(version, index, staging), staging)


def _get_built(version: str, cache: WheelCache, stream: TextIO) -> Path:
    recipe = wheel_build.plan_build(version, os.environ)
    key = recipe.key()
    ready = cache.find(key)
    if ready:
        return ready
    wheel_build.check_compiler(recipe)
    with cache.adding(lambda: _say_waiting(stream)) as staging:
        # Whoever held the lock before may have built just this.
        return cache.find(key) or cache.keep(key, wheel_build.build_wheel(recipe, staging, cache.root, stream), staging)


def _say_waiting(stream: TextIO) -> None:
    stream.write("Another set-up is building already: waiting for it.\n")
    stream.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """Print the wheel's path; see the module for the exit codes."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that the compilers under us are ended, as by Ctrl-C
    cache = WheelCache(user_cache_dir(sys.platform, os.environ, Path.home()) / wheel_build.PROJECT)
    try:
        wheel = get_wheel(pinned_version(PYPROJECT), cache, sys.stderr)
    except BuildFailed as error:
        print(f"llama_wheel: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"llama_wheel: the wheel can't be kept in {cache.root}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("llama_wheel: interrupted; nothing half-built was kept. Run it again to start over.", file=sys.stderr)
        return 130
    print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
