"""Which Traypoint this is."""

from __future__ import annotations

from endpoint.contract import APP_NAME


def read_version() -> str:
    """The installed version; in a source tree that isn't installed there is none to read."""
    from importlib import metadata  # as much to import as all the rest of the command line

    try:
        return metadata.version(APP_NAME)
    except metadata.PackageNotFoundError:
        return "(not installed)"
