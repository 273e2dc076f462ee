"""Changes in TOML, by tomlkit: it keeps what it doesn't change as it is, comments too."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from tray.clients.client import Value
from tray.clients.edits.members import BadDocument, Found, Path, write_path

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


class TomlFile:
    """A Document; tables only, no items of lists."""

    puts_first = False

    def __init__(self, text: str) -> None:
        self._document = _parse(text)

    @property
    def text(self) -> str:
        """As it is now."""
        return self._document.as_string()

    def find(self, path: Path) -> Found | None:
        if self.depth(path) < len(path):
            return None
        item = self._table(path)[path[-1]]
        return Found(item.unwrap() if hasattr(item, "unwrap") else item, item.as_string())

    def depth(self, path: Path) -> int:
        at: Any = self._document
        for number, step in enumerate(path):
            if not isinstance(at, MutableMapping) or step not in at:
                return number
            at = at[step]
        return len(path)

    def put(self, path: Path, value: Value) -> None:
        import tomlkit

        table: Any = self._document
        for number, step in enumerate(path[:-1]):
            if step not in table:
                # Only the innermost one gets a head of its own.
                table.append(step, tomlkit.table(number < len(path) - 2))
            table = table[step]
            if not isinstance(table, MutableMapping):
                raise BadDocument(f"{write_path(path[: number + 1])} is not a table")
        table[path[-1]] = value

    def put_source(self, path: Path, source: str) -> None:
        import tomlkit

        self._table(path)[path[-1]] = tomlkit.value(source)

    def drop(self, path: Path, keep: int) -> None:
        while len(path) > keep and self.depth(path) == len(path):
            self._table(path).remove(path[-1])
            path = path[:-1]
            if not path or self._table((*path, "")):
                return

    def _table(self, path: Path) -> Any:  # noqa: ANN401  tomlkit's tables have no common type
        at: Any = self._document
        for step in path[:-1]:
            at = at[step]
        return at


def _parse(text: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise BadDocument(str(error)) from error
