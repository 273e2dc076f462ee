"""The command line's grammar, as one tree: `traypoint`, its verbs, and theirs. Pure.

Only the verbs that are asked for are filled in, which imports their files; of the others the tree has name and summary.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from typing import NoReturn

from endpoint.contract import APP_NAME, DEFAULT_PORT, ExitCode
from tray.cli.verb import Verb
from tray.cli.verbs import DEFAULT_VERB, VERBS, load_verb
from tray.suggestions import suggest

DESCRIPTION = "Serve one local model to OpenAI clients, from a tray icon or a terminal."
EPILOG = f"""\
Without a verb Traypoint runs: `traypoint --no-tray` is `traypoint {DEFAULT_VERB} --no-tray`.
`traypoint VERB --help` tells each verb's flags, with examples.

examples:
  traypoint                               the icon, and the starter model at localhost:{DEFAULT_PORT}/v1
  traypoint --model ~/models/qwen.gguf    another model
  traypoint --no-tray --port 8002         no icon, another port
  traypoint config set port 8002          the port from now on
  traypoint doctor                        what is wrong here?

exit codes:
  0 done, or ended as asked · 1 it failed · 2 a word, a flag or a variable makes no sense · 3 the model can't be loaded
  4 the provider is unknown or not installed · 5 the settings file can't be used · 98 the address can't be bound
"""
VERB_INDENT = 4
ROOT_FLAGS = ("-h", "--help", "--version")


class OneLineParser(argparse.ArgumentParser):
    """Says a mistake in one line: the usage would push it off a short terminal."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{APP_NAME}: error: {message} (see {self.prog} --help)\n")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written, and puts the longest verb beside its summary: argparse forgets that verbs are
    indented when it measures them.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)
        self._action_max_length = max(map(len, VERBS)) + VERB_INDENT


class ShowVersion(argparse.Action):
    """`--version`. Looked up only when it is asked for: that takes as long as all the rest of a short verb."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from tray.version import read_version

        print(f"{APP_NAME} {read_version()}")
        parser.exit(ExitCode.OK)


def name_verb(words: Sequence[str]) -> list[str]:
    """The words with their verb in front: where they begin with a flag of `run`, or there are none, that is meant."""
    if words and (words[0] in ROOT_FLAGS or not words[0].startswith("-")):
        return list(words)
    return [DEFAULT_VERB, *words]


def parse_words(words: Sequence[str]) -> argparse.Namespace:
    """The command line's words, the verb as `verb`. Raises SystemExit: usage errors, --help and --version."""
    named = name_verb(words)
    root = build_parser(filled=named[:1])
    first = named[0]
    if first not in VERBS and first not in ROOT_FLAGS:
        root.error(f"there is no verb {first!r}{suggest(first, VERBS)}")
    parsed, unknown = root.parse_known_args(named)
    if unknown:  # told by the verb: argparse would send people to the root's --help
        root.prog = f"{APP_NAME} {first}"
        root.error(f"unrecognized arguments: {' '.join(unknown)}")
    return parsed


def build_parser(filled: Collection[str]) -> OneLineParser:
    """The tree, with these verbs filled in."""
    root = OneLineParser(
        prog=APP_NAME,
        usage="%(prog)s [VERB] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=HelpFormatter,
        allow_abbrev=False,  # a flag added later must not change what an abbreviation means
    )
    root.add_argument("--version", action=ShowVersion, nargs=0, help="show Traypoint's version")
    # Named here, or argparse would begin each verb's usage with the root's own.
    verbs = root.add_subparsers(dest="verb", metavar="VERB", title="verbs", prog=APP_NAME, required=True)
    for name, told in VERBS.items():
        parser = verbs.add_parser(name, help=told, formatter_class=HelpFormatter, allow_abbrev=False)
        if name in filled:
            fill_verb(parser, load_verb(name))
    return root


def fill_verb(parser: argparse.ArgumentParser, verb: Verb) -> None:
    """Give a verb's parser its words and flags."""
    parser.description = verb.description
    parser.epilog = f"examples:\n{verb.examples.rstrip()}\n"
    verb.add_arguments(parser)
