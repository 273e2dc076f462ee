"""The tray process's errors. Only tray/__main__.py turns them into exit codes.

TrayError
├── OptionError          a flag or an environment variable makes no sense      exit 2
├── SettingsError        the settings file can't be used as it is              exit 5
├── ControlError         the app that runs can't be reached or refuses         exit 1
├── ModelsError          a model can't be searched for or deleted               exit 1
├── DesktopError         the desktop lacks something: a clipboard, an opener   shown in the menu
├── ClientError          a client's settings can't be read or changed          exit 1
└── CacheError           the prompt cache can't be asked or cleared            shown in the menu, or exit 1
    └── NoAnswer         nothing answers there                                 the same
"""

from __future__ import annotations

from endpoint.contract import ExitCode


class TrayError(Exception):
    """Base of all; `str(error)` says what happened, where, and what to do, in one line."""

    exit_code = ExitCode.FAILURE


class OptionError(TrayError):
    """A flag or an environment variable can't be used; the message names it."""

    exit_code = ExitCode.USAGE


class SettingsError(TrayError):
    """The settings file can't be used; the message names the file and the key."""

    exit_code = ExitCode.SETTINGS


class ControlError(TrayError):
    """The app that runs can't be reached, or refuses; the message says which."""


class ModelsError(TrayError):
    """Models can't be searched for, or one can't be deleted; the message says why, and what to do."""


class DesktopError(TrayError):
    """The desktop can't do what was asked; the message says what is missing."""


class ClientError(TrayError):
    """A client's settings can't be read or changed; the message names the file."""


class CacheError(TrayError):
    """The endpoint's prompt cache can't be asked or cleared; the message says what came instead."""


class NoAnswer(CacheError):
    """No endpoint answers there."""
