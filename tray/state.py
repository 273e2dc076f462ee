"""What the app shows: one frozen value, replaced by the controller's thread and read by every view. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from endpoint.contract import DEFAULT_HOST, DEFAULT_PORT, ExitCode, ModelRef, find_provider
from tray.downloads.download import Download
from tray.figures import CacheFigures, HealthFigures
from tray.options import Tuning
from tray.preferences import Preferences
from tray.surroundings import Surroundings

EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104  compared with, never bound here
LOOPBACK_NAMES = {"127.0.0.1", "::1", "localhost"}
PROVIDER_TITLES = {"llamacpp": "llama.cpp", "mlx": "MLX", "fake": "fake"}


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
    """Why the endpoint isn't running: one line for people, what to do about it, and the exit code that says it.
    `free_port`: for a port in use, one that isn't.
    """

    reason: str
    advice: str = ""  # a sentence; empty where the reason says it all
    exit_code: int = ExitCode.FAILURE
    free_port: int | None = None


@dataclass(frozen=True, slots=True)
class AppState:
    """Everything a view may show. `port` is the bound one once known; `progress` is the loaded share, 0.0 to 1.0.
    The figures are the last ones of the endpoint that runs; None: not yet, or they aren't told.
    """

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
    cache: CacheFigures | None = None
    notice: str = ""  # the outcome of the last click, when it is worth a line
    figures: HealthFigures | None = None
    is_unloaded: bool = False  # it was idle for long: the next request loads the model again
    reverted: Failure | None = None  # what was chosen last could not be loaded, and the one before it runs again
    tuning: Tuning = field(default_factory=Tuning)  # how the model is run, whoever said so
    own_tuning: Tuning = field(default_factory=Tuning)  # what the settings file says for this model alone
    shared_tuning: Tuning = field(default_factory=Tuning)  # and what it says for all
    idle_unload_s: int = 0  # 0: never
    saves_prompts: bool = True  # on disk
    preferences: Preferences = field(default_factory=Preferences)
    starts_at_login: bool = False
    around: Surroundings = field(default_factory=Surroundings)
    downloads: tuple[Download, ...] = ()
    is_hidden: bool = False  # the icon was quit, and the endpoint kept

    @property
    def base_url(self) -> str:
        """What to paste into a client. Numeric where it can be: `localhost` may mean ::1 to some clients."""
        return f"{self.root_url}/v1"

    @property
    def root_url(self) -> str:
        """Where the status page is."""
        return f"http://{url_host(self.host)}:{self.port}"

    @property
    def short_url(self) -> str:
        """The base URL as people say it: `localhost:8001/v1`."""
        host = "localhost" if self.host in LOOPBACK_NAMES | EVERY_ADDRESS else url_host(self.host)
        return f"{host}:{self.port}/v1"

    @property
    def model_name(self) -> str:
        """The served model's name, or the asked one's, without folders."""
        return PurePath(self.model or self.ref.model).name.removesuffix(".gguf")

    @property
    def provider(self) -> str:
        """The provider's one name, whichever was asked for."""
        return find_provider(self.ref.provider) or self.ref.provider

    @property
    def provider_title(self) -> str:
        return PROVIDER_TITLES.get(self.provider, self.provider)

    @property
    def is_open_to_others(self) -> bool:
        """Whether other machines can reach it."""
        return self.host not in LOOPBACK_NAMES


def reachable_host(host: str) -> str:
    """The address of this machine under which an endpoint bound to `host` answers: 127.0.0.1 for 0.0.0.0."""
    if host == "::":
        return "::1"
    return DEFAULT_HOST if host in EVERY_ADDRESS or host == "localhost" else host


def url_host(host: str) -> str:
    """`reachable_host`, in brackets where it is IPv6."""
    reachable = reachable_host(host)
    return f"[{reachable}]" if ":" in reachable else reachable
