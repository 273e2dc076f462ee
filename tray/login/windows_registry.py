"""Windows' registry, the user's half, as tray/login/run_key.py wants it. Only made on Windows."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from tray.errors import DesktopError

if sys.platform == "win32":
    import winreg


class WindowsRegistry:
    """A Registry."""

    def read(self, key: str, name: str) -> str | bytes | None:
        if sys.platform == "win32":
            with _explained(key, name), contextlib.suppress(FileNotFoundError):
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, _ = winreg.QueryValueEx(opened, name)
                return value if isinstance(value, str | bytes) else None
        return None

    def write(self, key: str, name: str, value: str) -> None:
        if sys.platform == "win32":
            with _explained(key, name), winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

    def delete(self, key: str, name: str) -> None:
        if sys.platform == "win32":
            with (
                _explained(key, name),
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE) as opened,
            ):
                winreg.DeleteValue(opened, name)


@contextlib.contextmanager
def _explained(key: str, name: str) -> Iterator[None]:
    """The registry's own error as ours."""
    try:
        yield
    except OSError as error:
        raise DesktopError(rf"HKEY_CURRENT_USER\{key}, {name}: the registry refuses: {error}") from error
