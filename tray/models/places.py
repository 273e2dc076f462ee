"""Where each tool keeps its models on this platform, with its own environment variables. Pure: nothing is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SYSTEM_OLLAMA = "/usr/share/ollama/.ollama/models"
"""Where Ollama's installer for Linux keeps them when it runs as a service."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look. None of it need exist.

    `own`: the app's folder; `hub`: Hugging Face's cache; `lm_studio`: the home that LM Studio's folders lie in;
    `ollama`: folders with manifests and blobs; `llama_cpp`: its cache; `extra`: folders and files that the user added.
    `has_starter`: whether the model that comes with Traypoint is one of them.
    """

    own: Path
    hub: Path
    lm_studio: Path
    ollama: tuple[Path, ...]
    llama_cpp: Path
    extra: tuple[Path, ...] = ()
    has_starter: bool = True


def find_places(
    env: Mapping[str, str], home: Path, platform: str, own: Path, extra: Iterable[str | Path] = ()
) -> Places:
    """The places for a user with this environment and home on this `sys.platform`.

    `own` is the app's folder, `extra` what the settings name; in both `~` is the home.
    """
    return Places(
        own=_expand(own, home),
        hub=_find_hub(env, home),
        lm_studio=home,
        ollama=_find_ollama(env, home, platform),
        llama_cpp=_find_llama_cpp(env, home, platform),
        extra=tuple(_expand(path, home) for path in extra),
    )


def _find_hub(env: Mapping[str, str], home: Path) -> Path:
    """As huggingface_hub does (its constants.py), on every platform."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if env.get(name):
            return _expand(env[name], home)
    if env.get("HF_HOME"):
        return _expand(env["HF_HOME"], home) / "hub"
    cache = _expand(env["XDG_CACHE_HOME"], home) if env.get("XDG_CACHE_HOME") else home / ".cache"
    return cache / "huggingface" / "hub"


def _find_ollama(env: Mapping[str, str], home: Path, platform: str) -> tuple[Path, ...]:
    if env.get("OLLAMA_MODELS"):
        return (_expand(env["OLLAMA_MODELS"], home),)
    usual = home / ".ollama" / "models"
    return (usual, Path(_SYSTEM_OLLAMA)) if platform.startswith("linux") else (usual,)


def _find_llama_cpp(env: Mapping[str, str], home: Path, platform: str) -> Path:
    """As llama.cpp does (common/common.cpp, fs_get_cache_directory)."""
    if env.get("LLAMA_CACHE"):
        return _expand(env["LLAMA_CACHE"], home)
    if platform == "darwin":
        return home / "Library" / "Caches" / "llama.cpp"
    if platform == "win32":
        local = env.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "llama.cpp"
    cache = _expand(env["XDG_CACHE_HOME"], home) if env.get("XDG_CACHE_HOME") else home / ".cache"
    return cache / "llama.cpp"


def _expand(path: str | Path, home: Path) -> Path:
    """With this home for a leading `~`, not that of the process."""
    parts = Path(path).parts
    return home.joinpath(*parts[1:]) if parts[:1] == ("~",) else Path(path)
