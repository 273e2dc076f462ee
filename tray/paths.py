"""Where Traypoint's files are on this platform. Pure: nothing is created here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from endpoint.contract import APP_NAME, Env


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders of one user, and the files in them."""

    config_dir: Path
    log_dir: Path
    state_dir: Path

    @property
    def settings_file(self) -> Path:
        return self.config_dir / "settings.toml"

    @property
    def endpoint_log(self) -> Path:
        return self.log_dir / "endpoint.log"


def find_paths(env: Mapping[str, str] = os.environ) -> Paths:
    """The platform's folders; with TRAYPOINT_CONFIG_DIR set all three lie under it (portable use, tests)."""
    override = env.get(Env.CONFIG_DIR)
    if override:
        root = Path(override).expanduser().absolute()
        return Paths(config_dir=root, log_dir=root / "log", state_dir=root / "state")
    return Paths(
        config_dir=platformdirs.user_config_path(APP_NAME, appauthor=False),
        log_dir=platformdirs.user_log_path(APP_NAME, appauthor=False),
        state_dir=platformdirs.user_state_path(APP_NAME, appauthor=False),
    )
