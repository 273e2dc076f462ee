"""The command line's grammar. Flags the user leaves out stay None, so that environment and file can speak."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import metadata
from typing import NoReturn, TypeVar

from endpoint.contract import APP_NAME, DEFAULT_HOST, DEFAULT_MODEL, DEFAULT_PORT, DEFAULT_PROVIDER, ExitCode
from tray.options import RANGES, Choices, check_text, make_choices

T = TypeVar("T")

DESCRIPTION = "Serve one local model to OpenAI clients, from a tray icon or a terminal."

CACHE_DESCRIPTION = "Tell what the prompt cache of a running endpoint takes, or clear it."

EPILOG = f"""\
examples:
  traypoint                                   the icon, and the starter model at localhost:{DEFAULT_PORT}/v1
  traypoint --model ~/models/qwen.gguf        another model
  traypoint --provider mlx --model mlx-community/Qwen3-4B-4bit
                                              a downloaded MLX model (Apple silicon)
  traypoint --no-tray --port 8002             no icon, another port
  traypoint run --no-tray                     the same as `traypoint --no-tray`
  traypoint --model ~/m.gguf --save           keep these flags in the settings file, too
  traypoint cache                             what the running endpoint's prompt cache takes
  traypoint cache clear                       forget what it holds

Flags win over the environment (TRAYPOINT_PROVIDER, _MODEL, _HOST, _PORT, _CTX_SIZE, _PARALLEL, _THREADS,
_GPU_LAYERS, _API_KEY; also ABSTRACTENDPOINT_PROVIDER, _MODEL, _HOST, _PORT), that over the settings file, that over
the defaults.

exit codes:
  0 ended as asked · 1 the endpoint crashed · 2 a flag or a variable makes no sense · 3 the model can't be loaded
  4 the provider is unknown or not installed · 5 the settings file can't be used · 98 the address can't be bound
"""


class OneLineParser(argparse.ArgumentParser):
    """Says a mistake in one line: the usage would push it off a short terminal."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {message} (see --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """`traypoint` without its verb."""
    parser = OneLineParser(
        prog=APP_NAME,
        usage="%(prog)s [run] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # a flag added later must not change what an abbreviation means
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {read_version()}")
    parser.add_argument("--no-tray", action="store_true", help="no icon: run in this terminal until Ctrl+C")
    parser.add_argument("--no-start", action="store_true", help="show the icon, but wait for a click on Start")
    parser.add_argument("--save", action="store_true", help="also write the flags given here to the settings file")
    _add_endpoint_flags(parser)
    return parser


def build_cache_parser() -> argparse.ArgumentParser:
    """`traypoint cache` without its verb."""
    parser = OneLineParser(prog=f"{APP_NAME} cache", description=CACHE_DESCRIPTION, allow_abbrev=False)
    forgets = "clear: forget what it holds, and all that is saved"
    parser.add_argument("deed", nargs="?", choices=["clear"], help=forgets)
    parser.add_argument("--json", action="store_true", help="all that the endpoint tells of its cache, as JSON")
    text = read_flag(check_text)
    parser.add_argument("--host", metavar="ADDRESS", type=text, help=f"where the endpoint listens ({DEFAULT_HOST})")
    parser.add_argument(
        "--port", metavar="PORT", type=read_flag(RANGES["port"].read), help=f"its port ({DEFAULT_PORT})"
    )
    parser.add_argument("--api-key", metavar="KEY", type=text, help="where it asks for one")
    return parser


def _add_endpoint_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to serve")
    text = read_flag(check_text)
    group.add_argument("--provider", metavar="NAME", type=text, help=f"what runs the model ({DEFAULT_PROVIDER})")
    group.add_argument(
        "--model", metavar="MODEL", type=text, help=f'a model file, or "{DEFAULT_MODEL}", which comes with Traypoint'
    )
    group.add_argument("--host", metavar="ADDRESS", type=text, help=f"address to listen on ({DEFAULT_HOST})")
    for key, metavar, said in (
        ("port", "PORT", f"port to listen on ({DEFAULT_PORT}; 0: any free one)"),
        ("ctx_size", "TOKENS", "context length (chosen from model and memory)"),
        ("parallel", "N", "requests decoded together"),
        ("threads", "N", "CPU threads"),
        ("gpu_layers", "N", "layers on the GPU (-1: all)"),
    ):
        flag = f"--{key.replace('_', '-')}"
        group.add_argument(flag, metavar=metavar, type=read_flag(RANGES[key].read), help=said)
    group.add_argument(
        "--api-key", metavar="KEY", type=text, help="asked of callers from other machines (others see it in `ps`)"
    )


def read_choices(parsed: argparse.Namespace) -> Choices:
    """The flags that say what to serve, as far as the verb has them."""
    return make_choices({key: getattr(parsed, key, None) for key in Choices.__dataclass_fields__})


def read_version() -> str:
    """The installed version; in a source tree that isn't installed there is none to read."""
    try:
        return metadata.version(APP_NAME)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def read_flag(read: Callable[[str], T]) -> Callable[[str], T]:
    """`read` for argparse, which drops the text of a ValueError but keeps that of its own error."""

    def call(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return call
