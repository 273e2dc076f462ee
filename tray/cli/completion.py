"""`traypoint completion`: a script that completes the words of the command line, made from the tree of verbs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

from endpoint.contract import APP_NAME, ExitCode
from tray.cli.parser import build_parser
from tray.cli.verb import Verb
from tray.cli.verbs import DEFAULT_VERB, VERBS, load_verb
from tray.keys import KEYS

SHELLS = ("bash", "zsh", "fish")
DESCRIPTION = """\
Print a script that completes verbs, flags, settings, clients and models in your shell. Write it where the shell looks
for it, once for each version of Traypoint."""
EXAMPLES = """\
  traypoint completion bash > ~/.local/share/bash-completion/completions/traypoint
  traypoint completion zsh > "${fpath[1]}/_traypoint"
  traypoint completion fish > ~/.config/fish/completions/traypoint.fish
  source <(traypoint completion bash)      this shell only
"""
INSTALLED = f"{APP_NAME} models --names 2>/dev/null"
"""Asked of at each completion: models come and go."""


def add_completion_arguments(parser: argparse.ArgumentParser) -> None:
    """The shell."""
    parser.add_argument("shell", choices=SHELLS, help="which shell it is for")


def print_completion(parsed: argparse.Namespace) -> int:
    """Print the script."""
    print(write_script(parsed.shell))
    return ExitCode.OK


def write_script(shell: str) -> str:
    """The script for one of SHELLS."""
    import shtab  # for this verb only

    tree = build_parser(VERBS)
    load_verb(DEFAULT_VERB).add_arguments(tree)  # its flags may stand without it
    words = list_words()
    for action in walk_actions(tree):
        if action.dest in words:
            action.choices = words[action.dest]
        elif action.dest in ("model", "of_model"):  # to serve: a file; else what is installed
            takes_file = action.dest == "model" and action.option_strings
            action.complete = shtab.FILE if takes_file else shtab.cmd(INSTALLED)  # type: ignore[attr-defined]  # how shtab is told
    return shtab.complete(tree, shell, root_prefix=APP_NAME)


def list_words() -> Mapping[str, Sequence[str]]:
    """The words that may stand for an argument, by its name in the parsers."""
    from tray.clients.catalogue import CLIENTS  # for this verb only

    return {
        "key": [name for key in KEYS for name in (key.name, key.dotted)],
        "provider": ["llamacpp", "mlx"],
        "client": [client.name for client in CLIENTS],
    }


def walk_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All words and flags of a parser and of those below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from walk_actions(below)


VERB = Verb(DESCRIPTION, EXAMPLES, add_completion_arguments, print_completion)
