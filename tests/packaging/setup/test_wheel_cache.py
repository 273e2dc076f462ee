from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wheel_cache import Key, WheelCache, user_cache_dir

KEY = Key("1.2.3", {"cpu": "fast", "cmake flags": "-DA=ON"})
HOME = Path("/home/ada")
HOLDER = """
import sys
from pathlib import Path
from wheel_cache import WheelCache
with WheelCache(Path(sys.argv[1])).adding(lambda: print("waiting", flush=True)) as staging:
    print("holding", flush=True)
    sys.stdin.read()
"""


def never() -> None:
    raise AssertionError("the lock was free")


def keep_one(cache: WheelCache, key: Key) -> Path:
    with cache.adding(never) as staging:
        wheel = staging / "thing.whl"
        wheel.write_text("wheel", encoding="utf-8")
        return cache.keep(key, wheel, staging)


def hold(root: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(sys.modules["wheel_cache"].__file__ or "").parent)}
    command = [sys.executable, "-c", HOLDER, str(root)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_a_kept_wheel_is_found_again_under_its_key_only(tmp_path: Path) -> None:
    cache = WheelCache(tmp_path)
    assert cache.find(KEY) is None
    kept = keep_one(cache, KEY)
    assert cache.find(KEY) == kept
    assert kept.read_text(encoding="utf-8") == "wheel"
    assert cache.find(Key("1.2.3", {**KEY.parts, "cpu": "other"})) is None
    assert cache.find(Key("1.2.4", KEY.parts)) is None


def test_the_folder_tells_what_its_key_was_made_of(tmp_path: Path) -> None:
    kept = keep_one(WheelCache(tmp_path), KEY)
    assert (kept.parent / "key.txt").read_text(encoding="utf-8") == "cmake flags: -DA=ON\ncpu: fast\n"
    assert kept.parent.name.startswith("1.2.3-")


def test_an_interrupted_build_leaves_nothing_but_the_lock(tmp_path: Path) -> None:
    def build_half() -> None:
        with WheelCache(tmp_path).adding(never) as staging:
            (staging / "half.whl").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_half()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "part-old"
    left.mkdir()
    (left / "half.whl").write_text("half", encoding="utf-8")
    keep_one(WheelCache(tmp_path), KEY)
    assert not left.exists()


def test_a_second_build_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    with hold(tmp_path) as first, hold(tmp_path) as second:
        lines = {first_line(first), first_line(second)}
        assert lines == {"holding", "waiting"}
        for child in (first, second):
            assert child.stdin is not None
            child.stdin.close()
        assert (first.wait(), second.wait()) == (0, 0)


def test_a_killed_builder_does_not_keep_the_lock(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        assert first_line(first) == "holding"
        first.kill()
        first.wait()
    keep_one(WheelCache(tmp_path), KEY)


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, HOME / ".cache/traypoint"),
        ("linux", {"XDG_CACHE_HOME": "/var/cache/ada"}, Path("/var/cache/ada/traypoint")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, HOME / ".cache/traypoint"),
        ("darwin", {"XDG_CACHE_HOME": "/ignored"}, HOME / "Library/Caches/traypoint"),
        ("win32", {}, HOME / "AppData/Local/traypoint/Cache"),
        ("win32", {"LOCALAPPDATA": "/d/local"}, Path("/d/local/traypoint/Cache")),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(
    platform: str, environment: dict[str, str], expected: Path
) -> None:
    assert user_cache_dir(platform, environment, HOME) == expected
