"""A client's settings file when there is nothing else in it. Pure: the standard library writes all three formats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from tray.clients.quoting import quote_toml, quote_yaml
from tray.clients.values import ClientFacts, FileSetup, Format, Tree, Value


def write_file(setup: FileSetup, facts: ClientFacts) -> str:
    """The file's text, with an end of line."""
    tree = all_members(setup, facts)
    match setup.format:
        case Format.JSON:
            return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
        case Format.TOML:
            return write_toml(tree)
        case Format.YAML:
            return "".join(f"{line}\n" for line in write_yaml(tree))


def all_members(setup: FileSetup, facts: ClientFacts) -> Value:
    """Defaults and members together, without those that are None."""
    members = own_members(setup, facts)
    if isinstance(members, Mapping):
        return {**(setup.defaults or {}), **members}
    return members


def own_members(setup: FileSetup, facts: ClientFacts) -> Value:
    """The members, without those that are None."""
    return _prune(setup.members(facts))


def write_yaml(value: Value, inset: str = "") -> list[str]:
    """Lines of block style; lists of plain values in one line."""
    if isinstance(value, Mapping):
        return [line for key, each in value.items() for line in _write_member(key, each, inset)]
    if is_list(value):
        return [line for each in value for line in _write_item(each, inset)]
    raise TypeError(f"not a collection: {value!r}")


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether it is a list, not a text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _write_member(key: str, value: Value, inset: str) -> list[str]:
    if isinstance(value, Mapping) or (is_list(value) and _holds_mappings(value)):
        return [f"{inset}{quote_yaml(key)}:", *write_yaml(value, f"{inset}  ")]
    return [f"{inset}{quote_yaml(key)}: {write_scalar(value)}"]


def _write_item(value: Value, inset: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{inset}- {write_scalar(value)}"]
    first, *rest = write_yaml(value, f"{inset}  ")
    return [f"{inset}- {first.removeprefix(f'{inset}  ')}", *rest]


def write_scalar(value: Value) -> str:
    """A YAML value in one line."""
    if isinstance(value, str):
        return quote_yaml(value)
    if is_list(value):
        return f"[{', '.join(write_scalar(each) for each in value)}]"
    return json.dumps(value)


def _holds_mappings(value: Value) -> bool:
    return isinstance(value, Sequence) and any(isinstance(each, Mapping) for each in value)


def write_toml(tree: Value, path: tuple[str, ...] = ()) -> str:
    """The table at this path, and those in it. Plain members come first: what follows a table's head is the table's."""
    if not isinstance(tree, Mapping):
        raise TypeError(f"a TOML file is a table, not {tree!r}")
    tables = {key: value for key, value in tree.items() if isinstance(value, Mapping)}
    plain = "".join(f"{_toml_key(k)} = {_toml_value(v)}\n" for k, v in tree.items() if k not in tables)
    head = f"[{'.'.join(map(_toml_key, path))}]\n" if path and plain else ""
    parts = [head + plain, *(write_toml(table, (*path, key)) for key, table in tables.items())]
    return "\n".join(part for part in parts if part)


def _toml_key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else quote_toml(key)


def _toml_value(value: Value) -> str:
    return quote_toml(value) if isinstance(value, str) else json.dumps(value)


def _prune(value: Tree | Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _prune(each) for key, each in value.items() if each is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_prune(each) for each in value]
    return value
