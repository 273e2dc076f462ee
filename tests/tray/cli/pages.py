"""What docs/cli.md must say of the verbs and the settings, as made from the code.

`python -m tests.tray.cli.pages` prints it all, to paste from.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from tray.cli.parser import build_parser
from tray.cli.verbs import VERBS, load_verb
from tray.effective import format_value
from tray.keys import ENDPOINT, KEYS, Key
from tray.options import VARIABLES


def list_flags(name: str) -> list[str]:
    """A table row for each word and flag of a verb, and of the verbs below it: `| what is typed | what it does |`."""
    return [row for parser in _walk(find_parser(name)) for row in _list_rows(parser, name)]


def list_examples(name: str) -> list[str]:
    """The lines of its examples, as `--help` shows them."""
    return textwrap.dedent(load_verb(name).examples).rstrip().splitlines()


def list_facts(key: Key) -> list[str]:
    """What must stand beneath a setting's heading: meaning, default, and how else it is set."""
    default = f"Default: `{format_value(key.default)}`." if key.default not in (None, ()) else "Unset by default."
    names = VARIABLES.get(key.name, ()) if key.section == ENDPOINT else ()
    flag = [f"`--{key.name.replace('_', '-')}`"] if key.section == ENDPOINT else []
    return [f"{key.told[0].upper()}{key.told[1:]}.", default, *flag, *(f"`{name}`" for name in names)]


def find_parser(name: str) -> argparse.ArgumentParser:
    """A verb's parser, filled in."""
    return next(parser for each, parser in _list_below(build_parser([name])) if each == name)


def _list_rows(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    prefix = parser.prog.partition(f" {name}")[2].strip()
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        yield f"| {_name(action, prefix)} | {action.help or ''} |".replace("  ", " ")


def _name(action: argparse.Action, prefix: str) -> str:
    lead = f"`{prefix}` " if prefix else ""
    said = action.metavar or "|".join(action.choices or ()) or action.dest.upper()  # as argparse does
    value = "" if action.nargs == 0 else str(said)
    if not action.option_strings:
        return f"{lead}`{value}`".replace("|", r"\|")
    flags = [*action.option_strings[:-1], f"{action.option_strings[-1]} {value}".strip()]
    return lead + ", ".join(f"`{flag}`" for flag in flags)


def _walk(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for _, below in _list_below(parser):
        yield from _walk(below)


def _list_below(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    return [
        (name, below)
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, below in action.choices.items()
    ]


if __name__ == "__main__":
    for verb, told in VERBS.items():
        print(f"## traypoint {verb}\n\n{told}\n", *list_flags(verb), "", *list_examples(verb), "", sep="\n")
    for each in KEYS:
        print(f"### `{each.dotted}`\n\n", *list_facts(each), "", sep="\n")
