"""Errors -> exit codes, in one place: for a start that fails at once and for a load that fails later. Pure."""

from __future__ import annotations

from endpoint.addresses import BindError
from endpoint.contract import ExitCode
from endpoint.errors import LoadError, ProviderUnavailable, SettingsError


def exit_code_for(error: Exception | None) -> ExitCode:
    """The code that docs/cli.md gives for what ended the endpoint."""
    match error:
        case BindError():
            return ExitCode.BIND
        case SettingsError():
            return ExitCode.USAGE
        case ProviderUnavailable():
            return ExitCode.PROVIDER
        case LoadError():
            return ExitCode.MODEL
    return ExitCode.FAILURE
