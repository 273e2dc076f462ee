"""The key that callers from other machines must show: given, or kept in the config directory, or made now."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from endpoint.contract import API_KEY_FILE, APP_NAME, Env
from endpoint.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`path` is None for a key that was given and not stored; `created`: made just now."""

    value: str
    path: Path | None = None
    created: bool = False


def obtain_key(given: str | None, environment: Mapping[str, str]) -> ApiKey:
    """The given key, else the stored one, else a new one, stored with mode 600. Raises SettingsError."""
    if given:
        return ApiKey(given)
    path = config_dir(environment) / API_KEY_FILE
    try:
        return _read_key(path) or _create_key(path)
    except OSError as error:
        reason = f"The API key file {path} can't be used: {error.strerror}. Give a key with --api-key."
        raise SettingsError(reason) from error


def config_dir(environment: Mapping[str, str]) -> Path:
    """Where the tray keeps its settings too; TRAYPOINT_CONFIG_DIR moves it."""
    override = environment.get(Env.CONFIG_DIR)
    if override:
        return Path(override).expanduser().absolute()
    return platformdirs.user_config_path(APP_NAME, appauthor=False)


def _read_key(path: Path) -> ApiKey | None:
    with contextlib.suppress(FileNotFoundError):
        value = path.read_text(encoding="utf-8").strip()
        if value:
            return ApiKey(value, path)
    return None


def _create_key(path: Path) -> ApiKey:
    path.parent.mkdir(parents=True, exist_ok=True)
    value = f"tp-{secrets.token_urlsafe(32)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        path.chmod(0o600)  # an empty file may have been there with another mode
        file.write(value + "\n")
    return ApiKey(value, path, created=True)
