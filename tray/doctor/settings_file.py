"""The settings file and the environment: do they say what can be used?"""

from __future__ import annotations

from collections.abc import Sequence

from tray.doctor.finding import Circumstances, Finding, Status
from tray.errors import OptionError, SettingsError
from tray.inspection import inspect_file
from tray.keys import BY_NAME
from tray.options import VARIABLES, read_environment
from tray.suggestions import suggest

NAME = "settings"


def check_settings(c: Circumstances) -> Sequence[Finding]:
    """Each mistake and each unknown key is a finding of its own."""
    path = c.paths.settings_file
    try:
        found = inspect_file(path)
    except SettingsError as error:
        return [Finding(NAME, Status.FAIL, str(error), "Make the file readable, or move it away.")]
    wrong = [
        Finding(NAME, Status.FAIL, f"{path}: {mistake}", "Put it right with `traypoint config edit`.")
        for mistake in found.mistakes
    ]
    unknown = [
        Finding(NAME, Status.WARN, f"{path}: unknown key {name}{suggest(name, BY_NAME)}", "It is ignored: rename it.")
        for name in found.unknown
    ]
    told = f"{path} ({len(found.values)} set)" if path.exists() else f"no file, so the defaults hold ({path})"
    return [*wrong, *unknown] or [Finding(NAME, Status.OK, told)]


def check_environment(c: Circumstances) -> Sequence[Finding]:
    """The variables that are set, by name: they win over the file, which is easily forgotten."""
    try:
        read_environment(c.env)
    except OptionError as error:
        return [Finding("environment", Status.FAIL, str(error), "Change the variable, or unset it.")]
    given = [str(name) for names in VARIABLES.values() for name in names if c.env.get(name, "").strip()]
    told = f"set here, over the file: {', '.join(given)}" if given else "no setting comes from it"
    return [Finding("environment", Status.OK, told)]
