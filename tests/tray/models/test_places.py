from __future__ import annotations

from pathlib import Path

import pytest

from tray.models.places import Places, find_places

HOME, OWN = Path("/home/ada"), Path("/own")


def find(platform: str = "linux", extra: tuple[str, ...] = (), **env: str) -> Places:
    return find_places(env, HOME, platform, OWN, extra)


def test_without_variables_the_usual_places_are_used() -> None:
    places = find()
    assert places.own == OWN
    assert places.hub == HOME / ".cache/huggingface/hub"
    assert places.lm_studio == HOME
    assert places.ollama == (HOME / ".ollama/models", Path("/usr/share/ollama/.ollama/models"))
    assert places.llama_cpp == HOME / ".cache/llama.cpp"


def test_a_mac_has_its_own_cache_folder_and_no_ollama_service() -> None:
    places = find("darwin")
    assert places.llama_cpp == HOME / "Library/Caches/llama.cpp"
    assert places.ollama == (HOME / ".ollama/models",)


def test_windows_has_a_local_folder_for_data() -> None:
    assert find("win32", LOCALAPPDATA="/local").llama_cpp == Path("/local/llama.cpp")
    assert find("win32").llama_cpp == HOME / "AppData/Local/llama.cpp"
    assert find("win32").hub == HOME / ".cache/huggingface/hub"


@pytest.mark.parametrize(
    ("env", "hub"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HF_HOME": "/b", "XDG_CACHE_HOME": "/c"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
        ({"HF_HOME": "~/hf"}, "/home/ada/hf/hub"),
        ({"HF_HUB_CACHE": "", "HF_HOME": ""}, "/home/ada/.cache/huggingface/hub"),
    ],
)
def test_the_hubs_own_variables_move_its_cache(env: dict[str, str], hub: str) -> None:
    assert find_places(env, HOME, "linux", OWN).hub == Path(hub)


def test_the_other_tools_variables_count_too() -> None:
    places = find(OLLAMA_MODELS="/ollama", LLAMA_CACHE="~/llama")
    assert places.ollama == (Path("/ollama"),)
    assert places.llama_cpp == HOME / "llama"
    assert find(XDG_CACHE_HOME="/c").llama_cpp == Path("/c/llama.cpp")


def test_added_folders_may_begin_at_home() -> None:
    assert find(extra=("~/models", "/disk/m.gguf", "~")).extra == (HOME / "models", Path("/disk/m.gguf"), HOME)
