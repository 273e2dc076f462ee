"""What saved state of this model depends on. Read once, at loading, on the engine's thread.

Left out on purpose: the context's length, rows, threads. None of them changes a token's state.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import mlx.core as mx

from endpoint.errors import LoadError
from endpoint.providers.fingerprint import identify_files, make_fingerprint

LAYOUT_VERSION = 1
"""Of what `saving.py` makes of a prefix."""


def identify_model(folder: Path) -> str:
    """What its weights, its settings and its vocabulary are. Raises LoadError when a file can't be read."""
    names = ("config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model")
    weights = sorted(folder.glob("model*.safetensors"))
    try:
        return identify_files([*weights, *(folder / name for name in names if (folder / name).is_file())])
    except OSError as error:
        raise LoadError(f"{error.filename or folder} can't be read: {error.strerror}.") from error


def fingerprint_model(files: str, template: str | None) -> str:
    """The digest for a model of these `files`, on this machine's device."""
    return make_fingerprint(
        {
            "provider": f"mlx {LAYOUT_VERSION}",
            "mlx": importlib.metadata.version("mlx"),
            "mlx-lm": importlib.metadata.version("mlx-lm"),
            "device": str(mx.default_device()),
            "files": files,
            "template": template,
        }
    )
