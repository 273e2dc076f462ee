"""Provider names -> loaders, imported only when asked for: a library that isn't there must not hinder the others."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from endpoint.contract import PROVIDER_ALIASES, ModelRef
from endpoint.errors import ProviderUnavailable
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions, Progress

Load = Callable[[str, LoadOptions, Progress], Provider]

_LOADERS = {"llamacpp": "endpoint.providers.llamacpp.entry", "fake": "endpoint.providers.fake"}
_LOCATORS = {"llamacpp": "endpoint.providers.llamacpp.files"}
"""Modules with `locate_model(model)`: cheap, no model library, so that a wrong path is told before a port is bound."""
_LIBRARIES = {"llama_cpp": "llama-cpp-python"}


def canonical_name(name: str) -> str:
    """The provider behind a name or alias. Raises ProviderUnavailable, naming those that exist."""
    canonical = PROVIDER_ALIASES.get(name.strip().lower())
    if canonical is None:
        raise ProviderUnavailable(
            f"Unknown provider {name!r}. Use llamacpp (also called gguf or huggingface) for GGUF files, or mlx."
        )
    if canonical not in _LOADERS:
        raise ProviderUnavailable(
            f"The provider {canonical!r} is not part of this version yet. Use --provider llamacpp with a GGUF file."
        )
    return canonical


def check_model(ref: ModelRef) -> None:
    """Raise ProviderUnavailable or LoadError when it is plain already that this can't be loaded."""
    module_name = _LOCATORS.get(canonical_name(ref.provider))
    if module_name is not None:
        importlib.import_module(module_name).locate_model(ref.model)


def find_loader(name: str) -> Load:
    """Import a provider's loader. Raises ProviderUnavailable when it or its library isn't there."""
    module_name = _LOADERS[canonical_name(name)]
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        library = _LIBRARIES.get(error.name or "", error.name)
        raise ProviderUnavailable(
            f"The provider {name!r} needs {library}, which can't be imported by {sys.executable}: {error}"
        ) from error
    load: Load = module.load
    return load


def load_provider(ref: ModelRef, options: LoadOptions, progress: Progress) -> Provider:
    """Load a model. Raises ProviderUnavailable or LoadError."""
    return find_loader(ref.provider)(ref.model, options, progress)
