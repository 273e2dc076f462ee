"""Where clients keep their settings, by platform and by the variables that they obey. Reads no file."""

from __future__ import annotations

from pathlib import Path, PurePath

from tray.clients.values import Machine, Place


def in_home(machine: Machine, *parts: str) -> Place:
    """A file in the home folder."""
    return Place(machine.home.joinpath(*parts), machine.home)


def in_folder(machine: Machine, variable: str, usual: str, file: str) -> Place:
    """A file in the folder that the variable names, else in the usual one of the home folder."""
    named = machine.env.get(variable)
    if named:
        folder = _expand(machine, named)
        return Place(folder / file, folder)
    return in_home(machine, *usual.split("/"), file)


def named_file(machine: Machine, variable: str) -> Place | None:
    """The file that the variable names; None where it names none."""
    named = machine.env.get(variable)
    if not named:
        return None
    path = _expand(machine, named)
    return Place(path, path.parent)


def in_xdg_config(machine: Machine, *parts: str) -> Place:
    """A file of a program that follows XDG, whatever the platform. By XDG's rules a relative folder is none."""
    named = machine.env.get("XDG_CONFIG_HOME", "")
    if PurePath(named).is_absolute():
        return in_folder(machine, "XDG_CONFIG_HOME", ".config", "/".join(parts))
    return in_home(machine, ".config", *parts)


def in_app_config(machine: Machine, *parts: str) -> Place:
    """A file of a program that follows its platform's custom."""
    if machine.platform == "win32":
        return in_folder(machine, "APPDATA", "AppData/Roaming", "/".join(parts))
    if machine.platform == "darwin":
        return in_home(machine, "Library", "Application Support", *parts)
    return in_xdg_config(machine, *parts)


def first_there(*places: Place) -> Place:
    """The first whose file is there, else the first."""
    return next((place for place in places if place.path.exists()), places[0])


def _expand(machine: Machine, text: str) -> Path:
    """As a shell would: `~` is the home folder."""
    if text == "~" or text.startswith(("~/", "~\\")):
        return machine.home / text[2:]
    return Path(text).absolute()
