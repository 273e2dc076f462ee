"""Makes `gi` (PyGObject) importable in the virtual environment on Linux: pystray's icon needs it, and no wheel exists.

In this order: it is there already; the distribution's own, when it was built for this Python's minor version; built
from source, when the headers are here. Otherwise one line says what to install: there is no icon then, and all else
works. Never fails: the exit code is 0 in any case. Run by the virtual environment's Python.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from enum import Enum, auto
from pathlib import Path

PYGOBJECT = "PyGObject==3.50.0"
"""The last that builds with gobject-introspection 1.x; newer ones need girepository 2.0, which Debian 12 has not."""

HEADERS = ("gobject-introspection-1.0", "cairo", "libffi")
HINTS = (
    ("apt", "sudo apt install python3-gi gir1.2-gtk-3.0 gir1.2-ayatanaappindicator3-0.1"),
    ("dnf", "sudo dnf install python3-gobject gtk3 libayatana-appindicator-gtk3"),
    ("pacman", "sudo pacman -S python-gobject gtk3 libayatana-appindicator"),
)
_PROBE = """
import gi
gi.require_version("Gtk", "3.0")
for name in ("AyatanaAppIndicator3", "AppIndicator3"):
    try:
        gi.require_version(name, "0.1")
        break
    except ValueError as error:
        problem = error
else:
    raise problem
"""


class Outcome(Enum):
    """How `gi` came to be importable, or that it isn't."""

    READY = auto()
    LINKED = auto()
    BUILT = auto()
    MISSING = auto()


def find_problem() -> str | None:
    """Why the icon can't be shown with what this environment imports, in one line; None when it can."""
    probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, check=False)
    return None if probe.returncode == 0 else (probe.stderr.strip().splitlines() or ["gi crashes"])[-1]


def system_folders(version: str) -> list[Path]:
    """Where distributions keep the modules of Python `version` ("3.11"): Debian, Fedora, Arch."""
    return [
        Path("/usr/lib/python3/dist-packages"),
        Path(f"/usr/lib64/python{version}/site-packages"),
        Path(f"/usr/lib/python{version}/site-packages"),
    ]


def find_system_gi(folders: list[Path], suffix: str) -> Path | None:
    """The first folder whose `gi` was built for this Python; `suffix` is that of its extension modules."""
    return next((folder for folder in folders if (folder / "gi" / f"_gi{suffix}").exists()), None)


def link(folder: Path, site: Path) -> None:
    """Link `gi` and its metadata from `folder` into `site`; links that lead nowhere any more are replaced."""
    found = [folder / "gi", *folder.glob("PyGObject-*.egg-info"), *folder.glob("pygobject-*.dist-info")]
    for source in found:
        place = site / source.name
        if place.is_symlink():
            place.unlink()
        if not place.exists():
            place.symlink_to(source)


def provide(site: Path) -> Outcome:
    """Try each way in turn; see the module."""
    if find_problem() is None:
        return Outcome.READY
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = find_system_gi(system_folders(version), str(sysconfig.get_config_var("EXT_SUFFIX")))
    if folder:
        link(folder, site)
        return Outcome.LINKED if find_problem() is None else Outcome.MISSING
    if can_build() and build():
        return Outcome.BUILT if find_problem() is None else Outcome.MISSING
    return Outcome.MISSING


def can_build() -> bool:
    """Whether a compiler and PyGObject's headers are here."""
    if not shutil.which("pkg-config") or not shutil.which("cc"):
        return False
    return subprocess.run(["pkg-config", "--exists", *HEADERS], check=False).returncode == 0


def build() -> bool:
    """Compile and install PyGObject; True when that worked."""
    print(f"Compiling {PYGOBJECT} for the tray icon…", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", PYGOBJECT]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def hint() -> str:
    """What to install, in this distribution's own words."""
    return next((told for tool, told in HINTS if shutil.which(tool)), "install PyGObject, GTK 3 and AppIndicator")


def main() -> int:
    """See the module."""
    if sys.platform != "linux":
        return 0
    if provide(Path(sysconfig.get_path("purelib"))) is Outcome.MISSING:
        print(f"No tray icon here ({find_problem()}). To get one: {hint()}; then: make tray", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
