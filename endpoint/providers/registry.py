"""Provider names -> loaders, imported only when asked for: a library that isn't there must not hinder the others."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from endpoint.contract import ModelRef, find_provider
from endpoint.errors import ProviderUnavailable
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions, Progress

Load = Callable[[str, LoadOptions, Progress], Provider]

_LOADERS = {
    "llamacpp": "endpoint.providers.llamacpp.entry",
    "mlx": "endpoint.providers.mlx.entry",
    "fake": "endpoint.providers.fake",
}
_LOCATORS = {"llamacpp": "endpoint.providers.llamacpp.files", "mlx": "endpoint.providers.mlx.files"}
"""Modules with `locate_model(model)`: cheap, no model library, so that a wrong path is told before a port is bound."""
_DEVICES = {"llamacpp": "endpoint.providers.llamacpp.device", "mlx": "endpoint.providers.mlx.device"}
"""Modules with `name_device()`, which loads the library, but no model."""
_LIBRARIES = {"llama_cpp": "llama-cpp-python", "mlx_lm": "mlx-lm"}


def canonical_name(name: str) -> str:
    """The provider behind a name or alias. Raises ProviderUnavailable, naming those that exist."""
    canonical = find_provider(name)
    if canonical is None:
        raise ProviderUnavailable(
            f"Unknown provider {name!r}. Use llamacpp (also called gguf or huggingface) for GGUF files, or mlx."
        )
    return canonical


def check_model(ref: ModelRef) -> None:
    """Raise ProviderUnavailable or LoadError when it is plain already that this can't be loaded."""
    module_name = _LOCATORS.get(canonical_name(ref.provider))
    if module_name is not None:
        importlib.import_module(module_name).locate_model(ref.model)


def find_model(ref: ModelRef) -> Path | None:
    """The file or folder that would be loaded, looked into as far as that takes no library; None: it needs none.

    Raises ProviderUnavailable or LoadError.
    """
    module_name = _LOCATORS.get(canonical_name(ref.provider))
    if module_name is None:
        return None
    module = importlib.import_module(module_name)
    path: Path = module.locate_model(ref.model)
    if path.is_file():
        module.check_content(path)
    return path


def name_device(provider: str) -> str:
    """What this provider would compute on. Raises ProviderUnavailable, or what the library raises when it is loaded."""
    module_name = _DEVICES.get(canonical_name(provider))
    return "" if module_name is None else str(importlib.import_module(module_name).name_device())


def load_provider(ref: ModelRef, options: LoadOptions, progress: Progress) -> Provider:
    """Load a model. Raises ProviderUnavailable when the provider or its library isn't there, or LoadError."""
    name = canonical_name(ref.provider)
    try:
        load: Load = importlib.import_module(_LOADERS[name]).load
        return load(ref.model, options, progress)
    except ImportError as error:
        library = (error.name or "").partition(".")[0]
        raise ProviderUnavailable(
            f"The provider {name!r} needs {_LIBRARIES.get(library, library)}, which can't be imported by "
            f"{sys.executable}: {error}"
        ) from error
