"""What the app shows: one frozen value, replaced by the controller's thread and read by every view. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from endpoint.contract import DEFAULT_HOST, DEFAULT_PORT, PROVIDER_ALIASES, ExitCode, ModelRef

EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104  compared with, never bound here
LOOPBACK_NAMES = {"127.0.0.1", "::1", "localhost", *EVERY_ADDRESS}
PROVIDER_TITLES = {"llamacpp": "llama.cpp", "mlx": "MLX"}


class EndpointState(StrEnum):
    """What the endpoint is doing, as its owner sees it."""

    STOPPED = "stopped"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    STOPPING = "stopping"
    FAILED = "failed"
    WEDGED = "wedged"


SERVING = frozenset({EndpointState.READY, EndpointState.BUSY})
"""States in which a request is answered."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the endpoint isn't running: one line for people, what to do about it, and the exit code that says it."""

    reason: str
    advice: str = ""  # a sentence; empty where the reason says it all
    exit_code: int = ExitCode.FAILURE


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the prompt cache takes and may take, in bytes; None: not told."""

    ram: int | None = None
    ram_budget: int | None = None
    disk: int | None = None
    disk_budget: int | None = None


@dataclass(frozen=True, slots=True)
class AppState:
    """Everything a view may show. `port` is the bound one once known; `progress` is the loaded share, 0.0 to 1.0."""

    endpoint: EndpointState = EndpointState.STOPPED
    ref: ModelRef = field(default_factory=ModelRef)
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    model: str = ""  # the name that the endpoint reports; empty until it has loaded
    progress: float | None = None
    active: int = 0
    queued: int = 0
    failure: Failure | None = None
    retry_in_s: float | None = None  # a restart is due after a crash
    cache: CacheFigures | None = None  # as last read from this run; None: not yet, or it isn't told
    notice: str = ""  # the outcome of the last click, when it is worth a line

    @property
    def base_url(self) -> str:
        """What to paste into a client. Numeric where it can be: `localhost` may mean ::1 to some clients."""
        return f"http://{url_host(self.host)}:{self.port}/v1"

    @property
    def short_url(self) -> str:
        """The base URL as people say it: `localhost:8001/v1`."""
        host = "localhost" if self.host in LOOPBACK_NAMES else url_host(self.host)
        return f"{host}:{self.port}/v1"

    @property
    def model_name(self) -> str:
        """The served model's name, or the asked one's, without folders."""
        return PurePath(self.model or self.ref.model).name.removesuffix(".gguf")

    @property
    def provider_title(self) -> str:
        provider = PROVIDER_ALIASES.get(self.ref.provider.lower(), self.ref.provider)
        return PROVIDER_TITLES.get(provider, provider)


def reachable_host(host: str) -> str:
    """The address of this machine under which an endpoint bound to `host` answers: 127.0.0.1 for 0.0.0.0."""
    if host == "::":
        return "::1"
    return DEFAULT_HOST if host in EVERY_ADDRESS or host == "localhost" else host


def url_host(host: str) -> str:
    """`reachable_host`, in brackets where it is IPv6."""
    reachable = reachable_host(host)
    return f"[{reachable}]" if ":" in reachable else reachable
