"""Changes in TOML, by tomlkit: it keeps what it doesn't change as it is, comments too. Imported late, as it is slow.

New tables go to the end of the file, and the blank line before them goes with them.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tray.clients.edits.members import BadDocument, Found, Path, write_path
from tray.clients.values import Value
from tray.clients.whole_files import write_toml

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


class TomlFile:
    """A Document; tables only, no items of lists."""

    puts_first = False

    def __init__(self, text: str) -> None:
        # tomlkit ends the lines that it writes with \n, whatever the others end with.
        self._end = "\r\n" if 0 < text.count("\n") == text.count("\r\n") else "\n"
        self._document = _parse(text.replace(self._end, "\n"))

    @property
    def text(self) -> str:
        """As it is now."""
        return self._document.as_string().replace("\n", self._end)

    def find(self, path: Path) -> Found | None:
        if self.depth(path) < len(path):
            return None
        item = self._walk(path)
        if isinstance(item, bool):  # the one kind that tomlkit hands out bare
            return Found(item, str(item).lower())
        return Found(item.unwrap(), item.as_string())

    def depth(self, path: Path) -> int:
        at: Any = self._document
        for number, step in enumerate(path):
            if not isinstance(at, MutableMapping) or step not in at:
                return number
            at = at[step]
        return len(path)

    def put(self, path: Path, value: Value) -> None:
        known = self.depth(path)
        holder = self._walk(path[:known])
        if known < len(path) and not isinstance(holder, MutableMapping):
            raise BadDocument(f"{write_path(path[:known])} is not a table")
        if known < len(path) - 1:
            self._append(write_toml({str(path[-1]): value}, tuple(map(str, path[:-1]))))
        else:
            before = self._document.as_string()
            self._walk(path[:-1])[path[-1]] = value
            self._document = _parse(_without_gap(before, self._document.as_string()))

    def put_source(self, path: Path, source: str) -> None:
        import tomlkit

        self._walk(path[:-1])[path[-1]] = tomlkit.value(source)

    def drop(self, path: Path, keep: int) -> None:
        if self.depth(path) < len(path):
            return
        whole = path
        while len(path) > keep and (path == whole or not self._walk(path)):
            del self._walk(path[:-1])[path[-1]]
            path = path[:-1]
        text = self._document.as_string()
        if len(path) < len(whole) - 1 and text.endswith("\n\n"):
            self._document = _parse(text.removesuffix("\n"))
        if len(whole) == 1 and text.startswith("\n"):
            self._document = _parse(text.removeprefix("\n"))

    def _append(self, table: str) -> None:
        text = self._document.as_string()
        end = "" if not text or text.endswith("\n") else "\n"
        gap = "\n" if text else ""
        self._document = _parse(text + end + gap + table)

    def _walk(self, path: Path) -> Any:  # noqa: ANN401  tomlkit's items have no common type
        at: Any = self._document
        for step in path:
            at = at[step]
        return at


def _without_gap(before: str, after: str) -> str:
    """`after` without the blank line that tomlkit puts between a new plain member and a table that follows: it would
    stay when the member goes. At the beginning of a file it is left, and goes with the member.
    """
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    end = len(after) - (len(before) - start)
    return after[: end - 1] + after[end:] if start and after[start:end].endswith("\n\n") else after


def _parse(text: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise BadDocument(str(error)) from error
