"""Changes in JSON with comments: our members only, byte for byte. A new one comes first, so that no line but its own
changes where the container has lines of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from tray.clients.edits.json_text import Entry, Node, end_of_comments, parse, skip_blank
from tray.clients.edits.members import BadDocument, Found, Item, Path, write_path
from tray.clients.values import Value

_LINE_REST = re.compile(r"[ \t]*(?://[^\n]*?|/\*[^\n]*?\*/[ \t]*)?(?=\r?\n)")


class JsonFile:
    """A Document; an empty text becomes what the first member needs."""

    puts_first = True

    def __init__(self, text: str) -> None:
        self.text = text
        if skip_blank(text, 0) < len(text):
            parse(text)

    def find(self, path: Path) -> Found | None:
        if skip_blank(self.text, 0) == len(self.text):
            return None
        nodes = self._walk(path)
        if len(nodes) <= len(path):
            return None
        return Found(nodes[-1].value, self.text[nodes[-1].start : nodes[-1].end])

    def depth(self, path: Path) -> int:
        return 0 if skip_blank(self.text, 0) == len(self.text) else len(self._walk(path)) - 1

    def put(self, path: Path, value: Value) -> None:
        if skip_blank(self.text, 0) == len(self.text):
            self.text += "{}\n" if isinstance(path[0], str) else "[]\n"
        nodes = self._walk(path)
        known = len(nodes) - 1
        if known == len(path):
            inset = self._inset_at(nodes[-1].start)
            self._splice(nodes[-1].start, nodes[-1].end, self._write(value, inset))
            return
        step = path[known]
        self._check_container(nodes[-1], path[: known + 1])
        self._insert(nodes[-1], step if isinstance(step, str) else None, _nest(path[known + 1 :], value))

    def put_source(self, path: Path, source: str) -> None:
        node = self._walk(path)[-1]
        self._splice(node.start, node.end, source)

    def drop(self, path: Path, keep: int) -> None:
        while len(path) > keep:
            container = self._walk(path)[-2]
            entry = container.entry(path[-1])
            if entry is None:
                return
            self._cut(container, entry)
            path = path[:-1]
            if not path or self._walk(path)[-1].entries:
                return

    def _walk(self, path: Path) -> list[Node]:
        """The root, and the values that the steps lead to, as far as there are any."""
        nodes = [parse(self.text)]
        for step in path:
            entry = nodes[-1].entry(step)
            if entry is None:
                break
            nodes.append(entry.node)
        return nodes

    def _check_container(self, node: Node, path: Path) -> None:
        wanted = Mapping if isinstance(path[-1], str) else Sequence
        if node.entries is None or not isinstance(node.value, wanted):
            place = write_path(path[:-1]) or "the whole file"
            raise BadDocument(f"{place} is not {'an object' if wanted is Mapping else 'a list'}")

    def _insert(self, container: Node, key: str | None, value: Value) -> None:
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        at = container.start + 1
        if not container.entries:
            base = self._inset_at(container.start)
            inside = self.text[at : container.end - 1].rstrip()
            inset = base + self._unit()
            written = f"{self._newline}{inset}{name}{self._write(value, inset)}{self._newline}{base}"
            self._splice(at, container.end - 1, inside + written)
            return
        first = container.entries[0].start
        if "\n" not in self.text[at:first]:
            self._splice(first, first, f"{name}{json.dumps(value, ensure_ascii=False)}, ")
            return
        rest = _LINE_REST.match(self.text, at)
        at = rest.end() if rest else at
        inset = self._inset_at(first)
        self._splice(at, at, f"{self._newline}{inset}{name}{self._write(value, inset)},")

    def _cut(self, container: Node, entry: Entry) -> None:
        entries = container.entries or ()
        before = entries[entries.index(entry) - 1] if entry is not entries[0] else None
        begin = container.start + 1 if before is None else before.node.end if before.comma is None else before.comma + 1
        start = end_of_comments(self.text, begin, entry.start)
        end = entry.node.end if entry.comma is None else entry.comma + 1
        if entry.comma is not None and start == entry.start:  # the blank that was in front of it is behind it
            end += len(self.text[end:]) - len(self.text[end:].lstrip(" \t"))
        self._splice(start, end, "")
        if entry.comma is None and before is not None and before.comma is not None:
            self._splice(before.comma, before.comma + 1, "")
        inside = (container.start + 1, container.end - 1 - (end - start))
        if len(entries) == 1 and not self.text[slice(*inside)].strip():
            self._splice(*inside, "")

    def _write(self, value: Value, inset: str) -> str:
        """Over several lines, the first where the key is, the others below it."""
        text = json.dumps(value, indent=self._unit(), ensure_ascii=False)
        return text.replace("\n", f"{self._newline}{inset}")

    def _splice(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _unit(self) -> str:
        """What one level is set in by: as the first line that is."""
        found = re.search(r'\n([ \t]+)["{\[]', self.text)
        return found[1] if found else "  "

    def _inset_at(self, at: int) -> str:
        """How far the line there is set in."""
        line = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return line[: len(line) - len(line.lstrip(" \t"))]


def _nest(path: Path, value: Value) -> Value:
    for step in reversed(path):
        value = [value] if isinstance(step, Item) else {step: value}
    return value
