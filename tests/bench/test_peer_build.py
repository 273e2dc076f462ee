"""Finding llama-server, or saying why it can't be built. The build itself takes minutes and is left to `make bench`."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

import wheel_build
from build_process import BuildFailed
from llama_wheel import PYPROJECT, pinned_version
from tests.bench import peer_build
from wheel_cache import WheelCache

pytestmark = pytest.mark.skipif(os.name != "posix", reason="XDG_CACHE_HOME names the cache on Linux only")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelCache:
    """Where find_or_build keeps its own, in an empty folder."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return WheelCache(tmp_path / "traypoint" / "llama-server", "llama-server*")


def this_recipe() -> wheel_build.Recipe:
    return wheel_build.plan_build(pinned_version(PYPROJECT), os.environ)


def test_what_was_built_before_is_taken(cache: WheelCache) -> None:
    folder = cache.root / peer_build.make_key(this_recipe()).folder()
    folder.mkdir(parents=True)
    (folder / "key.txt").touch()
    (folder / "llama-server").touch()
    out = io.StringIO()
    assert peer_build.find_or_build(out) == folder / "llama-server"
    assert not out.getvalue()


def test_another_wheel_means_another_peer() -> None:
    recipe = this_recipe()
    other = wheel_build.Recipe(recipe.version, recipe.cmake_args + " -DGGML_CUDA=ON", recipe.compiler, recipe.jobs)
    assert peer_build.make_key(other).folder() != peer_build.make_key(recipe).folder()
    assert peer_build.make_key(recipe).folder() != recipe.key().folder()


def test_missing_tools_are_named_with_what_to_do(
    cache: WheelCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "c++"
    compiler.write_text("#!/bin/sh\n", encoding="utf-8")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildFailed, match=r"cmake and ninja not on PATH. Try: pip install cmake ninja"):
        peer_build.find_or_build(io.StringIO())
    assert not cache.root.exists()


def test_the_peer_is_configured_with_the_wheels_flags_and_header() -> None:
    command = peer_build.configure_command(this_recipe(), Path("source"), Path("build"))
    assert set(this_recipe().cmake_args.split()) <= set(command)
    include = next(word for word in command if word.startswith("-DCMAKE_PROJECT_llama.cpp_INCLUDE="))
    text = Path(include.partition("=")[2]).read_text(encoding="utf-8")
    assert "packaging/setup/llama_build.cmake" in text
    assert wheel_build.CMAKE_FILE.exists()
