"""What of a settings file is ours: set it, and take it back. Pure: texts in, texts out.

Invariant: what a member was before is taken from the file as it was without us, so that setting up twice and taking
back once is the same as never having done either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tray.clients.edits.json_file import JsonFile
from tray.clients.edits.members import BadDocument, Document, Member, Path, list_members, write_path
from tray.clients.edits.toml_file import TomlFile
from tray.clients.edits.yaml_file import YamlFile
from tray.clients.values import ClientFacts, FileSetup, Format, Value
from tray.clients.whole_files import own_members

DOCUMENTS: dict[Format, Callable[[str], Document]] = {
    Format.JSON: JsonFile,
    Format.TOML: TomlFile,
    Format.YAML: YamlFile,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One member that was set: to what, what stood there in the file's own writing (None: nothing), and how many steps
    of the path were there already.
    """

    path: Path
    value: Value
    before: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Edited:
    """A changed text, and what was changed in it."""

    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reverted:
    """A text without us; `left`: members that someone has changed since, and that stay as they are."""

    text: str
    left: tuple[str, ...] = ()


def edit(text: str, setup: FileSetup, facts: ClientFacts) -> Edited:
    """Set all that is ours. Raises BadDocument when the text can't be read, or not be changed."""
    document = DOCUMENTS[setup.format](text)
    missing = [m for m in list_members(setup.defaults or {}) if document.find(m.path) is None]
    members = [*missing, *list_members(own_members(setup, facts))]
    changes = [_set(document, member) for member in (reversed(members) if document.puts_first else members)]
    after = DOCUMENTS[setup.format](document.text)
    for member in members:
        found = after.find(member.path)
        if found is None or found.value != member.value:
            raise BadDocument(f"{write_path(member.path)} can't be set in the way that the file is written")
    return Edited(document.text, tuple(change for change in changes if change is not None))


def revert(text: str, format_: Format, changes: tuple[Change, ...]) -> Reverted:
    """Take back what was set, last things first. Raises BadDocument when the text can't be read."""
    document = DOCUMENTS[format_](text)
    left = [write_path(change.path) for change in reversed(changes) if not _take_back(document, change)]
    return Reverted(document.text, tuple(left))


def is_blank(text: str, format_: Format) -> bool:
    """Whether nothing is left in the file but what an empty one holds."""
    return text.strip() in (("", "{}", "[]") if format_ is Format.JSON else ("",))


def _set(document: Document, member: Member) -> Change | None:
    found, depth = document.find(member.path), document.depth(member.path)
    if found is not None and found.value == member.value:
        return None
    document.put(member.path, member.value)
    return Change(member.path, member.value, found.source if found else None, depth)


def _take_back(document: Document, change: Change) -> bool:
    """Whether there is nothing of ours now."""
    found = document.find(change.path)
    if found is None:
        return True
    if found.value != change.value:
        return False
    if change.before is None:
        document.drop(change.path, change.depth)
    else:
        document.put_source(change.path, change.before)
    return True
