"""What the app itself does, as the settings file says it. What to serve is tray/options.py's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """The keys of [app], and those of [models]."""

    start_on_launch: bool = True
    keep_running: bool = False
    notifications: bool = True
    folders: tuple[str, ...] = ()
    catalogue_url: str | None = None


def make_preferences(found: Mapping[str, object]) -> Preferences:
    """Preferences from values that have been checked; what is missing is the default."""
    return Preferences(**found)  # type: ignore[arg-type]  # each value went through its key's check
