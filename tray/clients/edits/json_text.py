"""JSON with comments and trailing commas, read with the place of every value. Pure; raises BadDocument."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tray.clients.edits.members import BadDocument, Item
from tray.clients.values import Value

_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_WORD = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_MOST_LEVELS = 200  # so that no file takes Python's stack


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of an object, or an element of a list (`key` None). `start` is where it begins, with its key;
    `comma` where the comma after it stands, None where there is none.
    """

    key: str | None
    start: int
    node: Node
    comma: int | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value from `start` to `end`; `entries` None: a plain one."""

    start: int
    end: int
    value: Value
    entries: tuple[Entry, ...] | None = None

    def entry(self, step: str | Item) -> Entry | None:
        """The one that the step leads to: of several with one key the last, as every reader of JSON has it."""
        matching = [entry for entry in self.entries or () if _leads(step, entry)]
        return matching[-1] if matching else None


def parse(text: str) -> Node:
    """The file's one value."""
    start = skip_blank(text, 0)
    root = _read_value(text, start, 0)
    if (end := skip_blank(text, root.end)) != len(text):
        raise _bad(text, end, "something after the end")
    return root


def skip_blank(text: str, at: int) -> int:
    """Where the next thing begins that is neither blank nor comment."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def end_of_comments(text: str, start: int, end: int) -> int:
    """Where the last comment between the two ends; `start` without one."""
    after = start
    for found in re.finditer(r"//[^\n]*|/\*.*?\*/", text[start:end], re.DOTALL):
        after = start + len(text[start : start + found.end()].rstrip("\r"))
    return after


def _leads(step: str | Item, entry: Entry) -> bool:
    if isinstance(step, str):
        return entry.key == step
    value = entry.node.value
    return entry.key is None and isinstance(value, Mapping) and value.get(step.key) == step.value


def _read_value(text: str, at: int, level: int) -> Node:
    opening = text[at : at + 1]
    if level > _MOST_LEVELS:
        raise _bad(text, at, f"more than {_MOST_LEVELS} levels")
    if opening == "{":
        return _read_object(text, at, level)
    if opening == "[":
        return _read_list(text, at, level)
    if opening == '"':
        value, end = _read_string(text, at)
        return Node(at, end, value)
    word = _WORD.match(text, at)
    if not word:
        raise _bad(text, at, "no value")
    return Node(at, word.end(), _load(text, at, word[0]))


def _read_object(text: str, at: int, level: int) -> Node:
    entries: list[Entry] = []
    inside = skip_blank(text, at + 1)
    while text[inside : inside + 1] != "}":
        _check_comma(text, inside, entries)
        if text[inside : inside + 1] != '"':
            raise _bad(text, inside, 'no "key" and no }')
        key, end = _read_string(text, inside)
        colon = skip_blank(text, end)
        if text[colon : colon + 1] != ":":
            raise _bad(text, colon, "no : after a key")
        node = _read_value(text, skip_blank(text, colon + 1), level + 1)
        comma = _find_comma(text, node.end)
        entries.append(Entry(key, inside, node, comma))
        inside = skip_blank(text, node.end if comma is None else comma + 1)
    return Node(at, inside + 1, {str(each.key): each.node.value for each in entries}, tuple(entries))


def _read_list(text: str, at: int, level: int) -> Node:
    entries: list[Entry] = []
    inside = skip_blank(text, at + 1)
    while text[inside : inside + 1] != "]":
        _check_comma(text, inside, entries)
        node = _read_value(text, inside, level + 1)
        comma = _find_comma(text, node.end)
        entries.append(Entry(None, inside, node, comma))
        inside = skip_blank(text, node.end if comma is None else comma + 1)
    return Node(at, inside + 1, [each.node.value for each in entries], tuple(entries))


def _find_comma(text: str, end: int) -> int | None:
    at = skip_blank(text, end)
    return at if text[at : at + 1] == "," else None


def _check_comma(text: str, at: int, entries: list[Entry]) -> None:
    if entries and entries[-1].comma is None:
        raise _bad(text, at, "no comma")


def _read_string(text: str, at: int) -> tuple[str, int]:
    written = _STRING.match(text, at)
    if not written:
        raise _bad(text, at, "a text that doesn't end on its line")
    return str(_load(text, at, written[0])), written.end()


def _load(text: str, at: int, written: str) -> Value:
    try:
        value: Value = json.loads(written)
    except ValueError as error:  # a wrong escape, or a number of more digits than Python reads
        raise _bad(text, at, "a text or a number that isn't allowed") from error
    return value


def _bad(text: str, at: int, what: str) -> BadDocument:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return BadDocument(f"line {line}, column {column}: {what if at < len(text) else 'the file ends too early'}")
