"""Where Traypoint's files are on this platform. Pure: nothing is created here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from endpoint.contract import API_KEY_FILE, APP_NAME, Env


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user, and the files in them."""

    config_dir: Path
    log_dir: Path
    state_dir: Path
    data_dir: Path
    cache_dir: Path

    @property
    def settings_file(self) -> Path:
        return self.config_dir / "settings.toml"

    @property
    def endpoint_log(self) -> Path:
        return self.log_dir / "endpoint.log"

    @property
    def api_key_file(self) -> Path:
        return self.config_dir / API_KEY_FILE

    @property
    def instance_file(self) -> Path:
        """Where the running app can be reached."""
        return self.state_dir / "instance.json"

    @property
    def instance_lock(self) -> Path:
        """Locked while the app runs."""
        return self.state_dir / "instance.lock"

    @property
    def app_log(self) -> Path:
        """What an app that was started in the background says of itself."""
        return self.log_dir / "traypoint.log"

    @property
    def recent_file(self) -> Path:
        """The models that were used last."""
        return self.state_dir / "recent-models.json"

    @property
    def downloads_file(self) -> Path:
        """The downloads that aren't over, and how fast the last one was."""
        return self.state_dir / "downloads.json"

    @property
    def headers_file(self) -> Path:
        """What was read of models' headers; it may be deleted at any time."""
        return self.cache_dir / "model-headers.json"

    @property
    def catalogue_file(self) -> Path:
        """The list of models at the address in the settings, as it was last; it may be deleted at any time."""
        return self.cache_dir / "catalogue.toml"

    @property
    def models_dir(self) -> Path:
        """The app's own folder of models."""
        return self.data_dir / "models"


def find_paths(env: Mapping[str, str] = os.environ) -> Paths:
    """The platform's folders; with TRAYPOINT_CONFIG_DIR set all lie under it (portable use, tests)."""
    override = env.get(Env.CONFIG_DIR)
    if override:
        root = Path(override).expanduser().absolute()
        return Paths(root, root / "log", root / "state", root / "data", root / "cache")
    return Paths(
        config_dir=platformdirs.user_config_path(APP_NAME, appauthor=False),
        log_dir=platformdirs.user_log_path(APP_NAME, appauthor=False),
        state_dir=platformdirs.user_state_path(APP_NAME, appauthor=False),
        data_dir=platformdirs.user_data_path(APP_NAME, appauthor=False),
        cache_dir=platformdirs.user_cache_path(APP_NAME, appauthor=False),
    )
