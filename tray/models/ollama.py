"""Ollama's store, read only: manifests name blobs, and one of a model's blobs is its GGUF file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tray.models.candidate import Candidate, Form
from tray.models.folder_models import make_gguf
from tray.models.json_file import read_object
from tray.models.model import Place
from tray.models.regular_file import find_mode
from tray.models.sizes import format_bytes
from tray.models.walk import walk_folders

_LARGEST_MANIFEST = 256 << 10
_DEPTH = 5
"""Folders below `manifests`: host, namespace, model; one more for models from Hugging Face."""
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MODEL, _PROJECTOR = "application/vnd.ollama.image.model", "application/vnd.ollama.image.projector"
_USUAL = (("registry.ollama.ai", "library"), ("registry.ollama.ai",))
"""Left out of names, as Ollama does."""


def list_ollama(store: Path) -> Iterator[Candidate]:
    """The store's models, by the names that `ollama list` shows. Those without a GGUF file (in the cloud, or in other
    formats) are left out."""
    manifests = store / "manifests"
    for folder in walk_folders(manifests, _DEPTH):
        parts = folder.path.relative_to(manifests).parts
        if parts:
            for tag in folder.files:
                yield from _read_manifest(store, folder.path / tag, _make_name(parts, tag))


def _make_name(parts: tuple[str, ...], tag: str) -> str:
    usual = next((prefix for prefix in _USUAL if parts[: len(prefix)] == prefix), ())
    return f"{'/'.join(parts[len(usual) :])}:{tag}"


def _read_manifest(store: Path, path: Path, name: str) -> Iterator[Candidate]:
    manifest = read_object(path, _LARGEST_MANIFEST)
    if manifest is None:
        yield Candidate(Place.OLLAMA, Form.GGUF, str(path), name, (path,), problem="its manifest can't be read")
        return
    layers = _list_layers(manifest)
    model = next((layer for layer in layers if layer.get("mediaType") == _MODEL), None)
    if model is not None:
        sees = any(layer.get("mediaType") == _PROJECTOR for layer in layers)
        yield replace(_find_blob(store, model, name), has_projector=sees)


def _list_layers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    layers = manifest.get("layers")
    return [layer for layer in layers[:64] if isinstance(layer, dict)] if isinstance(layers, list) else []


def _find_blob(store: Path, layer: dict[str, Any], name: str) -> Candidate:
    digest = _DIGEST.fullmatch(str(layer.get("digest")))
    if digest is None:  # a path could be hidden in it
        problem = "its manifest names no proper blob"
        return Candidate(Place.OLLAMA, Form.GGUF, str(store), name, (store,), problem=problem)
    usual, older = (store / "blobs" / f"sha256{mark}{digest[1]}" for mark in "-:")
    found = make_gguf(Place.OLLAMA, older if find_mode(older) and not find_mode(usual) else usual, name)
    size = layer.get("size")
    if found.problem:
        return replace(found, problem="half-downloaded: its blob isn't there")
    if type(size) is int and size > found.size_bytes:
        return replace(found, problem=f"half-downloaded: {format_bytes(found.size_bytes)} of {format_bytes(size)}")
    return found
