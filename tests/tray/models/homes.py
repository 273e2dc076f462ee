"""Homes with models in them, as each tool leaves them: tiny files, with the headers of large ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.tiny.gguf import Value, write_gguf
from tests.tray.cli.environment import clear_environment
from tray.models.places import Places

DIGEST = "a" * 64
HEADER: dict[str, Value] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.file_type": 15,
    "llama.block_count": 2,
    "llama.context_length": 4096,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}
PROJECTOR: dict[str, Value] = {"general.architecture": "clip", "general.type": "mmproj"}
ADAPTER: dict[str, Value] = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}
CONFIG: dict[str, object] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "vocab_size": 100,
    "quantization": {"bits": 4, "group_size": 64},
}


def places_in(home: Path, *extra: Path, has_starter: bool = False) -> Places:
    """The usual places under a home."""
    return Places(
        own=home / "own",
        hub=home / "hub",
        lm_studio=home,
        ollama=(home / ".ollama" / "models",),
        llama_cpp=home / "llama.cpp",
        extra=extra,
        has_starter=has_starter,
    )


def move_in(home: Path, monkeypatch: pytest.MonkeyPatch, *extra: Path) -> None:
    """Become a user whose places are those of `places_in`, with `extra` in the settings."""
    clear_environment(monkeypatch, home / "config")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    places = places_in(home)
    monkeypatch.setenv("HF_HUB_CACHE", str(places.hub))
    monkeypatch.setenv("OLLAMA_MODELS", str(places.ollama[0]))
    monkeypatch.setenv("LLAMA_CACHE", str(places.llama_cpp))
    (home / "config" / "data").mkdir(parents=True)
    (home / "config" / "data" / "models").symlink_to(places.own)
    folders = json.dumps([str(path) for path in extra])
    (home / "config" / "settings.toml").write_text(f"[models]\nfolders = {folders}\n")


def add_gguf(path: Path, header: Mapping[str, Value] = HEADER, *, weights: int = 64) -> Path:
    """A model file, of a single tensor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(path, header, {"token_embd.weight": np.zeros(weights, np.float32)})
    return path


def add_mlx(folder: Path, config: Mapping[str, object] = CONFIG, *, weights: tuple[str, ...] = ()) -> Path:
    """A folder of MLX weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    for name in weights or ("model.safetensors",):
        (folder / name).write_bytes(bytes(1000))
    return folder


def add_to_hub(hub: Path, repository: str, revision: str, source: Path, *, is_main: bool = True) -> Path:
    """Put a folder's files into the Hugging Face cache, as its library does: links to blobs. The snapshot."""
    home = hub / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / revision
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        blob = home / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(file.read_bytes())
        link = snapshot / file.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    if is_main:
        (home / "refs").mkdir(exist_ok=True)
        (home / "refs" / "main").write_text(revision)
    return snapshot


def add_to_ollama(store: Path, name: str, digest: str = DIGEST, **changes: object) -> Path:
    """A model with its manifest (host/namespace/model/tag); `changes`: to the manifest's model layer. The blob."""
    blob = add_gguf(store / "blobs" / f"sha256-{digest}")
    layer: dict[str, object] = {
        "mediaType": "application/vnd.ollama.image.model",
        "digest": f"sha256:{digest}",
        "size": blob.stat().st_size,
    }
    write_manifest(store, name, [layer | changes])
    return blob


def write_manifest(store: Path, name: str, layers: list[dict[str, object]]) -> Path:
    """A manifest of these layers."""
    manifest = store / "manifests" / name
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return manifest
