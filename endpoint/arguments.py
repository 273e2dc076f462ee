"""`traypoint-endpoint`'s command line: flag > environment > default, into Settings. Pure but for --help's exit."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn, TypeVar

from endpoint.contract import (
    APP_NAME,
    DEFAULT_HOST,
    DEFAULT_MODEL,
    DEFAULT_PORT,
    DEFAULT_PROVIDER,
    KV_TYPES,
    Env,
    KvType,
    ModelRef,
)
from endpoint.errors import SettingsError
from endpoint.providers.options import LoadOptions, Speculation
from endpoint.providers.sampling_wish import SamplingWish
from endpoint.sampling_arguments import add_sampling, reader
from endpoint.settings import Settings

T = TypeVar("T")

_EPILOG = """\
environment (a flag wins): TRAYPOINT_PROVIDER, _MODEL, _HOST, _PORT, _API_KEY, _CTX_SIZE, _PARALLEL, _THREADS,
_GPU_LAYERS, _CACHE_RAM, _CACHE_DISK, _CACHE_DIR, _EXPLAIN, _SPECULATION, _KV_TYPE, _REQUEST_TIMEOUT,
_IDLE_UNLOAD, _FORCE, _CHAT_TEMPLATE, _TEMPERATURE, _TOP_P, _TOP_K, _MIN_P, _REPEAT_PENALTY, _PRESENCE_PENALTY,
_FREQUENCY_PENALTY; and ABSTRACTENDPOINT_PROVIDER, _MODEL, _HOST, _PORT as abstractcore-endpoint reads them.

exit codes: 0 stopped as asked, 1 the engine failed, 2 wrong usage, 3 the model can't be loaded, 4 the provider is
unknown or not installed, 98 the address can't be bound.

examples:
  traypoint-endpoint --model starter
  traypoint-endpoint --provider llamacpp --model ~/models/Qwen3-4B-Q4_K_M.gguf --port 8002
  traypoint-endpoint --provider mlx --model mlx-community/Qwen3-4B-4bit
  traypoint-endpoint --model starter --host 0.0.0.0     (other machines need the API key, see --api-key)
"""


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as an exception: one line, no usage dump."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message} (see --help)")


def parse_settings(argv: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Command line and environment -> Settings. Raises SettingsError naming the flag or the variable."""
    flags = _build_parser().parse_args(argv)
    defaults = Settings()
    return Settings(
        ref=ModelRef(
            _or(_first(flags.provider, environment, (Env.PROVIDER, Env.COMPAT_PROVIDER), str), DEFAULT_PROVIDER),
            _or(_first(flags.model, environment, (Env.MODEL, Env.COMPAT_MODEL), str), DEFAULT_MODEL),
        ),
        load=_load_options(flags, environment),
        chat_template=_first(flags.chat_template, environment, (Env.CHAT_TEMPLATE,), _path),
        sampling=_sampling(flags, environment),
        host=_first(flags.host, environment, (Env.HOST, Env.COMPAT_HOST), str) or DEFAULT_HOST,
        port=_or(_first(flags.port, environment, (Env.PORT, Env.COMPAT_PORT), _port), DEFAULT_PORT),
        managed=flags.managed,
        strict_model=flags.strict_model,
        api_key=_first(flags.api_key, environment, (Env.API_KEY,), str),
        require_key=flags.require_key,
        allowed_hosts=tuple(flags.allowed_host),
        allowed_origins=tuple(flags.allowed_origin),
        cache_ram_bytes=_to_bytes(_first(flags.cache_ram, environment, (Env.CACHE_RAM,), _mebibytes)),
        cache_disk_bytes=_to_bytes(_first(flags.cache_disk, environment, (Env.CACHE_DISK,), _mebibytes)),
        cache_dir=_first(flags.cache_dir, environment, (Env.CACHE_DIR,), _path),
        explains=not flags.no_explain and environment.get(Env.EXPLAIN, "") != "0",
        max_queue=_or(flags.max_queue, defaults.max_queue),
        request_timeout_s=_or(
            _first(flags.request_timeout, environment, (Env.REQUEST_TIMEOUT,), _seconds), defaults.request_timeout_s
        ),
        idle_unload_s=_or(_first(flags.idle_unload, environment, (Env.IDLE_UNLOAD,), _seconds), defaults.idle_unload_s),
        keep_alive_s=_or(flags.keep_alive, defaults.keep_alive_s),
        wedged_after_s=_or(flags.wedged_after, defaults.wedged_after_s),
        failed_linger_s=_or(flags.failed_linger, defaults.failed_linger_s),
        test_hooks=environment.get(Env.TEST_HOOKS, "") not in ("", "0"),
    )


def _load_options(flags: argparse.Namespace, environment: Mapping[str, str]) -> LoadOptions:
    return LoadOptions(
        n_ctx=_first(flags.ctx_size, environment, (Env.CONTEXT,), _context) or None,
        parallel=_or(_first(flags.parallel, environment, (Env.PARALLEL,), _rows), LoadOptions().parallel),
        threads=_first(flags.threads, environment, (Env.THREADS,), _threads),
        gpu_layers=_first(flags.gpu_layers, environment, (Env.GPU_LAYERS,), int),
        speculation=_or(
            _first(flags.speculation, environment, (Env.SPECULATION,), _speculation), LoadOptions().speculation
        ),
        kv_type=_or(_first(flags.kv_type, environment, (Env.KV_TYPE,), _kv_type), LoadOptions().kv_type),
        force=flags.force or environment.get(Env.FORCE, "") not in ("", "0"),
    )


def _sampling(flags: argparse.Namespace, environment: Mapping[str, str]) -> SamplingWish:
    def choose(flag: float | None, name: Env, field: str) -> float | None:
        return _first(flag, environment, (name,), reader(field))

    top_k = choose(flags.top_k, Env.TOP_K, "top_k")
    return SamplingWish(
        temperature=choose(flags.temperature, Env.TEMPERATURE, "temperature"),
        top_p=choose(flags.top_p, Env.TOP_P, "top_p"),
        top_k=None if top_k is None else int(top_k),
        min_p=choose(flags.min_p, Env.MIN_P, "min_p"),
        repeat_penalty=choose(flags.repeat_penalty, Env.REPEAT_PENALTY, "repeat_penalty"),
        presence_penalty=choose(flags.presence_penalty, Env.PRESENCE_PENALTY, "presence_penalty"),
        frequency_penalty=choose(flags.frequency_penalty, Env.FREQUENCY_PENALTY, "frequency_penalty"),
    )


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="traypoint-endpoint",
        description="Serve one local model to OpenAI clients.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(APP_NAME)}")
    _add_model(parser)
    add_sampling(parser)
    _add_access(parser)
    _add_limits(parser)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--provider", help=f"llamacpp (also: gguf, huggingface) or mlx (default: {DEFAULT_PROVIDER})")
    add("--model", help=f"'starter', a .gguf file; for mlx a folder or a cached owner/name (default: {DEFAULT_MODEL})")
    add("--ctx-size", "-c", type=_context, metavar="TOKENS", help="context of a request (default, 0: as memory allows)")
    add("--chat-template", type=_path, metavar="FILE", help="a Jinja template to use instead of the model's own")
    add("--parallel", type=_rows, metavar="N", help="sequences decoded together (default: 8)")
    add("--threads", type=_threads, metavar="N", help="compute threads at most, 1 to 512 (default: physical cores)")
    add("--gpu-layers", type=int, metavar="N", help="layers on the GPU (default: all, where there is one)")
    add(
        "--speculation",
        type=_speculation,
        metavar="MODE",
        help="compute tokens ahead where the text repeats itself: auto, where answers stay the same (default), on, off",
    )
    add(
        "--kv-type",
        type=_kv_type,
        metavar="TYPE",
        help=f"how keys and values are kept: {', '.join(KV_TYPES)} (default: {LoadOptions().kv_type.value})",
    )
    add(
        "--cache-ram", type=_mebibytes, metavar="MIB", help="RAM for computed prefixes (default: a quarter of the free)"
    )
    add("--cache-disk", type=_mebibytes, metavar="MIB", help="disk for them, 0: none (default: a quarter of the free)")
    add("--force", action="store_true", help="load the model even where there is too little memory for it")
    add("--cache-dir", type=_path, metavar="FOLDER", help="where they are saved (default: in the user's cache)")


def _add_access(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", help=f"address to bind (default: {DEFAULT_HOST}); on any other than loopback an API key is needed")
    add("--port", type=_port, help=f"port to bind, 0 for a free one (default: {DEFAULT_PORT})")
    add("--strict-model", action="store_true", help="answer 404 when a request names another model")
    add("--api-key", help="the key for callers from other machines (default: kept in the config directory)")
    add("--require-key", action="store_true", help="ask callers on this machine for the key too")
    add("--allowed-host", action="append", default=[], metavar="NAME", help="a Host header to accept; repeatable")
    add("--allowed-origin", action="append", default=[], metavar="ORIGIN", help="a web origin to accept; repeatable")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--no-explain", action="store_true", help="remember nothing of requests to explain the prompt cache with")
    add("--max-queue", type=_positive, metavar="N", help="requests that may wait (default: 256)")
    add("--request-timeout", type=_seconds, metavar="S", help="time for a whole answer, 0 for any (default: 0)")
    add(
        "--idle-unload",
        type=_seconds,
        metavar="S",
        help="idle time before the model leaves memory, 0: never (default: 0)",
    )
    add("--keep-alive", type=_seconds, metavar="S", help="silence on a stream before a keep-alive comment (default: 5)")
    add("--wedged-after", type=_seconds, metavar="S", help="engine silence that counts as hung (default: 30)")
    add("--failed-linger", type=_seconds, metavar="S", help="how long /health tells of a failed load (default: 10)")
    add("--managed", action="store_true", help="run as a child: report on stdout, stop at the end of standard input")


def _first(
    flag: T | None, environment: Mapping[str, str], names: Sequence[Env], convert: Callable[[str], T]
) -> T | None:
    """The flag, else the first variable that is set and not empty."""
    if flag is not None:
        return flag
    for name in names:
        text = environment.get(name, "").strip()
        if text:
            try:
                return convert(text)
            except (ValueError, argparse.ArgumentTypeError) as error:
                raise SettingsError(f"The environment variable {name} is {text!r}: {error}") from error
    return None


def _or(value: T | None, default: T) -> T:
    return default if value is None else value


def _port(text: str) -> int:
    return _number(text, 0, 65535, "a port is a number from 0 to 65535")


def _context(text: str) -> int:
    return _number(text, 0, 2**31 - 1, "it must be a whole number of tokens, 0: as memory allows")


def _positive(text: str) -> int:
    return _number(text, 1, 2**31 - 1, "it must be a whole number from 1 up")


def _mebibytes(text: str) -> int:
    return _number(text, 0, 1 << 24, "it must be a whole number of MiB")


def _to_bytes(mebibytes: int | None) -> int | None:
    return None if mebibytes is None else mebibytes << 20


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~somebody who isn't there
        return Path(text)


def _threads(text: str) -> int:
    return _number(text, 1, 512, "it must be a whole number from 1 to 512")  # ggml's own limit: beyond it, it crashes


def _speculation(text: str) -> Speculation:
    try:
        return Speculation(text.strip().lower())
    except ValueError:
        raise argparse.ArgumentTypeError(f"it must be auto, on or off, got {text!r}") from None


def _kv_type(text: str) -> KvType:
    try:
        return KvType(text.strip().lower())
    except ValueError:
        raise argparse.ArgumentTypeError(f"it must be one of {', '.join(KV_TYPES)}, got {text!r}") from None


def _rows(text: str) -> int:
    return _number(text, 1, 64, "it must be a whole number from 1 to 64")


def _number(text: str, low: int, high: int, rule: str) -> int:
    if not text.strip().isdigit() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{rule}, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"it must be a number of seconds, got {text!r}")
    return value
