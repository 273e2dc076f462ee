"""Which model a person means by a word on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import DEFAULT_MODEL, DEFAULT_PROVIDER, ModelRef
from tray.errors import OptionError
from tray.paths import Paths

FILES = ("model", "chat_template")
"""The settings that may name a file."""


def settle(name: str) -> str:
    """What lies here gets its whole path: where the settings are read, a relative one may mean another file."""
    path = None if name == DEFAULT_MODEL else _find_path(name)
    return name if path is None else str(path)


def find_model(name: str, provider: str | None, paths: Paths) -> ModelRef:
    """The model that a person means: a path or a repository as it is, else what is installed. Raises OptionError."""
    if provider is not None:  # a repository, a path, or what only this provider understands
        return ModelRef(provider, settle(name))
    if name == DEFAULT_MODEL:
        return ModelRef(DEFAULT_PROVIDER, name)
    path = _find_path(name)
    if path is not None:
        return ModelRef("mlx" if path.is_dir() else "llamacpp", str(path))
    return _find_installed(name, paths)


def _find_path(name: str) -> Path | None:
    """What lies there, with its whole path: the app was started in another folder, where a relative one means another
    file. None: nothing does.
    """
    try:
        path = Path(name).expanduser()
        return path.absolute() if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, or with a NUL; an unknown user (~nobody)
        return None


def _find_installed(name: str, paths: Paths) -> ModelRef:
    from tray.looking import find_models

    wanted, models = name.casefold(), [model for model in find_models(paths) if not model.problem]
    exact = [m.ref for m in models if wanted in (m.name.casefold(), m.ref.model.casefold())]
    near = [m.ref for m in models if wanted in m.name.casefold()]
    found = list(dict.fromkeys(exact or near))
    if len(found) == 1:
        return found[0]
    raise OptionError(_describe_choice(name, found))


def _describe_choice(name: str, found: Sequence[ModelRef]) -> str:
    if not found:
        return f"no model {name!r} is installed, and there is no such file: `traypoint models` lists what there is"
    return f"{name!r} may mean any of: {', '.join(ref.model for ref in found[:8])}"
