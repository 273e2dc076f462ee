"""Changes in YAML of block style: plain values under root keys, and items of a list that is the root or stands under
such a key. The lines in between stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tray.clients.edits.members import BadDocument, Found, Item, Path, write_path
from tray.clients.edits.yaml_text import as_list, compose, construct, is_plain, last_of, pairs_of
from tray.clients.values import Value
from tray.clients.whole_files import write_scalar, write_yaml

if TYPE_CHECKING:
    from yaml import Node
    from yaml.nodes import SequenceNode


class YamlFile:
    """A Document; paths are (key,), (key, Item) or (Item,)."""

    puts_first = False

    def __init__(self, text: str) -> None:
        self.text = text
        compose(text)

    def find(self, path: Path) -> Found | None:
        if isinstance(path[-1], Item):
            item = self._find_item(path)
            if item is None:
                return None
            start, end = self._lines_of(item)
            return Found(construct(item), self.text[start:end])
        pair = self._find_pair(path)
        if pair is None:
            return None
        return Found(construct(pair[1]), self.text[pair[1].start_mark.index : pair[1].end_mark.index])

    def depth(self, path: Path) -> int:
        if self.find(path) is not None:
            return len(path)
        return int(len(path) > 1 and self._find_pair(path) is not None)

    def put(self, path: Path, value: Value) -> None:
        if isinstance(path[-1], Item):
            self._put_item(path, value)
            return
        pair = self._find_pair(path)
        if pair is None:
            self._append(write_yaml({str(path[0]): value}))
            return
        key, node = pair
        if not is_plain(node):
            raise BadDocument(f"{write_path(path)} is no plain value")
        blank = "" if node.start_mark.index > key.end_mark.index + 1 else " "
        self._splice(node.start_mark.index, node.end_mark.index, blank + write_scalar(value))

    def put_source(self, path: Path, source: str) -> None:
        item, pair = self._find_item(path), self._find_pair(path) if isinstance(path[0], str) else None
        if item is not None:
            self._splice(*self._lines_of(item), source)
        elif pair is not None:
            self._splice(pair[1].start_mark.index, pair[1].end_mark.index, source)

    def drop(self, path: Path, keep: int) -> None:
        item, items = self._find_item(path), self._items(path)
        if not isinstance(path[-1], Item):
            self._drop_pair(path)
        elif item is None or items is None:
            return
        elif len(items.value) > 1 or len(path) == 1:
            self._splice(*self._lines_of(item), "")
        elif keep and (pair := self._find_pair(path)):
            self._splice(pair[0].end_mark.index, self._end_of_line(last_of(item)), f": []{self._newline}")
        else:
            self._drop_pair(path)

    def _put_item(self, path: Path, value: Value) -> None:
        item, items = self._find_item(path), self._items(path)
        if item is not None:
            start, end = self._lines_of(item)
            self._splice(start, end, self._write_item(value, self._inset(start)))
        elif items is None:
            self._append(write_yaml([value] if len(path) == 1 else {str(path[0]): [value]}))
        elif items.value:
            start = self._start_of(items.value[0])
            self._splice(start, start, self._write_item(value, self._inset(start)))
        elif pair := self._find_pair(path):
            lines = self._write_item(value, "  ").removesuffix(self._newline)
            self._splice(pair[0].end_mark.index, items.end_mark.index, f":{self._newline}{lines}")
        else:
            raise BadDocument("the whole file is an empty list in brackets")

    def _drop_pair(self, path: Path) -> None:
        pair = self._find_pair(path)
        if pair is not None:
            start = pair[0].start_mark.index - pair[0].start_mark.column
            self._splice(start, self._end_of_line(last_of(pair[1])), "")

    def _append(self, lines: list[str]) -> None:
        if self.text.rstrip().endswith(("\n...", "\n---")):
            raise BadDocument("it ends with the mark of a document's end")
        if self.text and not self.text.endswith("\n"):
            self.text += self._newline
        self.text += "".join(f"{line}{self._newline}" for line in lines)

    def _find_pair(self, path: Path) -> tuple[Node, Node] | None:
        """The root key that the path begins with, and its value; None where there is none."""
        if isinstance(path[0], Item):
            return None
        return next((pair for pair in reversed(pairs_of(compose(self.text))) if pair[0].value == path[0]), None)

    def _items(self, path: Path) -> SequenceNode | None:
        """The list that the path's item is in; None where there is none."""
        if not isinstance(path[-1], Item):
            return None
        pair = self._find_pair(path)
        node = compose(self.text) if len(path) == 1 else pair[1] if pair else None
        return None if node is None else as_list(node, write_path(path[:-1]) or "the whole file")

    def _find_item(self, path: Path) -> Node | None:
        step, items = path[-1], self._items(path)
        if not isinstance(step, Item) or items is None:
            return None
        nodes: list[Node] = items.value
        return next((node for node in nodes if _is(step, construct(node))), None)

    def _lines_of(self, item: Node) -> tuple[int, int]:
        """Where its lines begin and end."""
        return self._start_of(item), self._end_of_line(last_of(item))

    def _start_of(self, item: Node) -> int:
        start = item.start_mark.index - item.start_mark.column
        if not self.text[start:].lstrip(" ").startswith("-"):
            raise BadDocument(f"line {item.start_mark.line + 1}: the item doesn't begin on the line of its dash")
        return start

    def _end_of_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _inset(self, start: int) -> str:
        line = self.text[start:]
        return line[: len(line) - len(line.lstrip(" "))]

    def _write_item(self, value: Value, inset: str) -> str:
        return "".join(f"{line}{self._newline}" for line in write_yaml([value], inset))

    def _splice(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def _is(item: Item, value: object) -> bool:
    return isinstance(value, dict) and value.get(item.key) == item.value
