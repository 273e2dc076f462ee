"""The user's desktop and files, as the side jobs need them: a thin front to the parts that know each system.

Called by the side jobs' thread, `choose_model` by one of its own. All raise DesktopError or another TrayError.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from endpoint.contract import ModelRef
from tray.autostart import Autostart, find_autostart
from tray.clients.catalogue import find_client
from tray.clients.values import ClientFacts
from tray.effects import CopyClientSetup
from tray.errors import DesktopError
from tray.login.command import find_command
from tray.looking import look_around
from tray.models.machine import Machine
from tray.models.offer import list_offers, rank_known, read_here
from tray.models.recent import remember_recent
from tray.opener import open_path, open_url
from tray.paths import Paths
from tray.settings import write_atomically
from tray.surroundings import Offer, Surroundings
from tray.template import write_template

LICENCES = "licences.md"
MACHINE_S = 3600.0
"""For so long it stays what it is; looking may start a program that asks the graphics card."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A client's set-up, ready to paste."""

    title: str
    text: str


class Desktop:
    """Everything but the endpoint."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._machine: Machine | None = None
        self._machine_at = 0.0

    def open_page(self, url: str) -> None:
        """In the user's browser."""
        open_url(url)

    def open_log(self) -> None:
        """In the desktop's viewer."""
        log = self._paths.endpoint_log
        if not log.exists():
            raise DesktopError(f"Nothing has been logged yet ({log}).")
        open_path(log)

    def open_settings(self) -> None:
        """In the desktop's editor; one that isn't there yet is made, with all keys as comments."""
        path = self._paths.settings_file
        if not path.exists():
            write_atomically(path, write_template())
        open_path(path)

    def open_models(self) -> None:
        """The app's own folder."""
        try:
            self._paths.models_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DesktopError(f"{self._paths.models_dir} can't be made: {error.strerror or error}") from error
        open_path(self._paths.models_dir)

    def open_licences(self) -> None:
        """What the app is made of, and under which terms."""
        open_path(find_licences())

    def read_api_key(self) -> str:
        """The key that callers from other machines need."""
        path = self._paths.api_key_file
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise DesktopError(f"No API key in {path}: {error.strerror or error}") from error

    def write_setup(self, wish: CopyClientSetup) -> Setup:
        """What to paste into a client's configuration."""
        client = find_client(wish.client)
        if client is None:
            raise DesktopError(f"There is no set-up for {wish.client!r}.")
        key = self.read_api_key() if wish.with_key else None
        return Setup(client.title, client.text(ClientFacts(wish.base_url, wish.model, key, wish.n_ctx or None)))

    def choose_template(self) -> str | None:
        """The file that the user chose; None: cancelled."""
        from tray.chooser import choose_template

        chosen = choose_template()
        return None if chosen is None else str(chosen)

    def choose_model(self) -> ModelRef | None:
        """With the desktop's dialog; None when the user thought better of it."""
        from tray.chooser import choose_model

        chosen = choose_model(None)
        return None if chosen is None else ModelRef("mlx" if chosen.is_dir() else "llamacpp", str(chosen))

    def look_around(self) -> Surroundings:
        """What there is to choose from."""
        around = look_around(self._paths)
        here = [model.ref for model in around.models if not model.problem]
        return replace(around, offers=self._find_offers(here))

    def remember(self, ref: ModelRef) -> None:
        """A model was served: the next menu has it first."""
        try:
            remember_recent(self._paths.recent_file, ref)
        except OSError as error:
            raise DesktopError(f"{self._paths.recent_file} can't be written: {error.strerror or error}") from error

    def starts_at_login(self) -> bool:
        """What the system says; False where it can't be asked."""
        try:
            return self._autostart().is_on()
        except DesktopError:
            return False

    def set_autostart(self, on: bool) -> None:
        """Start at login, or don't."""
        self._autostart().switch(on)

    def _find_offers(self, here: Sequence[ModelRef]) -> tuple[Offer, ...]:
        now = time.monotonic()
        if self._machine is None or now - self._machine_at > MACHINE_S:
            self._machine, self._machine_at = read_here(self._paths), now
        try:
            return list_offers(rank_known(self._machine, self._paths), here)
        except OSError:  # the list itself can't be read
            return ()

    def _autostart(self) -> Autostart:
        return find_autostart(find_command(sys.argv[0], os.environ))


def find_licences() -> Path:
    """The page of licences: inside the package where installed, in docs/ in the source tree. Raises DesktopError."""
    package = Path(__file__).parent
    for path in (package / "_docs" / LICENCES, package.parent / "docs" / LICENCES):
        if path.is_file():
            return path
    raise DesktopError("The page of licences is missing: install Traypoint again.")
