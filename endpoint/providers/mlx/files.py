"""From what the user wrote to a folder with an MLX model. No model library is imported here: a wrong name is told at
once, before a port is bound. Nothing is ever downloaded, and nothing from the folder is run. Any thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from endpoint.contract import DEFAULT_MODEL
from endpoint.errors import LoadError

_EXAMPLE = "mlx-community/Qwen3-4B-4bit"
_WANTED = f"the path of a folder, or a repository in this computer's Hugging Face cache, such as {_EXAMPLE}"
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_PART = re.compile(r"(.*)-(\d{5,})-of-(\d{5,})\.safetensors")
_LARGEST = 64_000_000
"""Bytes of JSON to read: ten times what the largest models have in one file."""


def locate_model(model: str) -> Path:
    """The folder behind `model`, a folder's path or `owner/name` in the hub cache. Raises LoadError.

    Checks that the weights' files are all there and that config.json can be read, not what is in the weights.
    """
    if model == DEFAULT_MODEL:
        raise LoadError(
            f"There is no MLX starter model. Download one (`hf download {_EXAMPLE}`), then give --model {_EXAMPLE}; "
            "or use --provider llamacpp for the starter."
        )
    if not model.strip():
        raise LoadError(f"The model's name is empty. Give {_WANTED}.")
    path = _expand(model)
    if path.is_dir():
        _check_folder(path, f"Download it again, or give {_WANTED}.")
        return path.resolve()
    if path.suffix.lower() == ".gguf":
        raise LoadError(f"{model} is named as a GGUF file, which MLX can't run. Use --provider llamacpp for it.")
    if path.exists():
        raise LoadError(f"{path} is not a folder. Give {_WANTED}.")
    if not _REPOSITORY.fullmatch(model):
        raise LoadError(f"There is no folder {path}, and it is not a repository's name (owner/name). Give {_WANTED}.")
    return _locate_cached(model)


def model_id(model: str, path: Path) -> str:
    """What clients call the model at `path`: its repository where that is known, else the folder's name."""
    repository = path.parent.parent.name
    if path.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/", 1)
    return model if _REPOSITORY.fullmatch(model) and not _expand(model).is_dir() else path.name


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a model that may be run: it asks for no code of its own. Raises LoadError."""
    config = read_object(folder / "config.json")
    if config is None:
        raise LoadError(f"{folder} has no config.json, so it is no MLX model. Give {_WANTED}.")
    if not isinstance(config.get("model_type"), str):
        raise LoadError(f"{folder / 'config.json'} names no model_type, so it is not a model's. Give {_WANTED}.")
    if config.get("model_file") is not None:
        raise LoadError(
            f"{folder / 'config.json'} wants Python code from the model's folder to be run "
            f"(model_file: {config['model_file']!r}). That is never done here; use a model that mlx-lm knows."
        )
    return config


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a model's file; None where there is no such file. Raises LoadError."""
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > _LARGEST:
            raise LoadError(f"{path} is larger than {_LARGEST // 1_000_000} MB, so it can't be what its name says.")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise LoadError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise LoadError(f"{path} is not valid JSON ({error}). Download the model again.") from error
    if not isinstance(found, dict):
        raise LoadError(f"{path} holds no JSON object. Download the model again.")
    return found


def _expand(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~somebody who isn't there
        return Path(model)


def _locate_cached(repository: str) -> Path:
    """The snapshot of its main branch; the hub's own layout, which its library has kept since 2022."""
    from huggingface_hub.constants import HF_HUB_CACHE  # honours HF_HOME, HF_HUB_CACHE; its other modules are slow

    cache = Path(HF_HUB_CACHE).expanduser()
    advice = f"Run `hf download {repository}`; nothing is downloaded here."
    home = cache / f"models--{repository.replace('/', '--')}"
    try:
        revision = (home / "refs" / "main").read_text().strip()
    except (OSError, ValueError):
        revision = ""
    snapshot = home / "snapshots" / revision
    if not re.fullmatch(r"\w+", revision) or not snapshot.is_dir():
        raise LoadError(f"{repository} is neither a folder nor in the cache ({cache}). {advice}")
    _check_folder(snapshot, advice)
    return snapshot


def _check_folder(folder: Path, advice: str) -> None:
    read_config(folder)
    present = {file.name for file in folder.glob("*.safetensors") if file.is_file()}
    missing = sorted(_expected(folder, present) - present)
    if missing:
        raise LoadError(f"{folder} lacks {len(missing)} of its weights' files: {', '.join(missing[:3])}. {advice}")
    if not any(name.startswith("model") for name in present):  # the only ones that mlx-lm loads
        raise LoadError(f"{folder} has no weights (model*.safetensors). {advice}")


def _expected(folder: Path, present: Iterable[str]) -> set[str]:
    """The files that the index names, and those that the others' own names count."""
    index = read_object(folder / "model.safetensors.index.json") or {}
    places = index.get("weight_map")
    named = {str(name) for name in places.values()} if isinstance(places, dict) else set()
    for part in map(_PART.fullmatch, present):
        if part is not None and int(part[3]) < 10_000:
            digits = len(part[3])
            numbers = range(1, int(part[3]) + 1)
            named |= {f"{part[1]}-{number:0{digits}d}-of-{part[3]}.safetensors" for number in numbers}
    return named
