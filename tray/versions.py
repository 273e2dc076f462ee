"""What Traypoint is made of here: versions as installed, and licences. The whole list is docs/licences.md."""

from __future__ import annotations

from functools import cache

from tray.version import read_version

LIBRARIES = (
    ("llama-cpp-python", "MIT"),
    ("mlx-lm", "MIT"),
    ("mlx", "MIT"),
    ("fastapi", "MIT"),
    ("uvicorn", "BSD-3-Clause"),
    ("pystray", "LGPL-3.0"),
)
"""With the licences that they are published under."""


@cache
def read_versions() -> tuple[str, ...]:
    """A line each: the app, Python's libraries that serve and show. They don't change while it runs."""
    from importlib import metadata  # slow to import

    lines = [f"Traypoint {read_version()} (Apache-2.0)"]
    for name, licence in LIBRARIES:
        try:
            lines.append(f"{name} {metadata.version(name)} ({licence})")
        except metadata.PackageNotFoundError:
            continue
    return tuple(lines)
