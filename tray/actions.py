"""What can arrive in the controller's inbox: what the user wants, and what the child and the watchers report.

Frozen values only, so any thread may make them. `run` numbers the child that a report is about: a report about an
earlier one is out of date and is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from endpoint.contract import HealthStatus, ModelRef
from tray.downloads.downloads import DownloadsChanged
from tray.downloads.wishes import Fetch
from tray.figures import CacheFigures, HealthFigures
from tray.options import Choices, Tuning
from tray.preferences import Preferences
from tray.state import AppState
from tray.surroundings import Surroundings


class UserAction(StrEnum):
    """A click in the menu, a verb of the command line, or a signal (END)."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    COPY_URL = "copy-url"
    COPY_KEY = "copy-key"
    OPEN_PAGE = "open-page"
    OPEN_LOG = "open-log"
    OPEN_SETTINGS = "open-settings"
    OPEN_MODELS = "open-models"
    OPEN_LICENCES = "open-licences"
    CHOOSE_MODEL = "choose-model"
    CHOOSE_TEMPLATE = "choose-template"
    LOOK_FOR_MODELS = "look-for-models"
    CLEAR_CACHE = "clear-cache"
    SHOW = "show"  # somebody started the app again: show that it is here
    QUIT = "quit"  # the icon; the endpoint may be kept
    END = "end"  # everything, and soon: a signal, a log-out


@dataclass(frozen=True, slots=True)
class Change:
    """Set keys of the settings, by their whole names (tray/targets.py); None takes one out. What runs follows.
    `force`: the model even where memory is too short for it, until another one is chosen.
    """

    values: tuple[tuple[str, object], ...]
    force: bool = False


@dataclass(frozen=True, slots=True)
class SwitchAutostart:
    """Start at login, or don't."""

    on: bool


@dataclass(frozen=True, slots=True)
class CopySetup:
    """Copy the set-up of a client."""

    client: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An action whose sender wants to know how things stand once it has been handled. `answer` must not block."""

    action: UserAction | Change | None
    answer: Callable[[AppState], None]


Click = UserAction | Change | SwitchAutostart | CopySetup | Fetch
"""What a line of the menu can do."""


@dataclass(frozen=True, slots=True)
class ChildListening:
    """The endpoint has bound its port and goes on to load."""

    run: int
    port: int


@dataclass(frozen=True, slots=True)
class ChildBindFailed:
    """The endpoint could not bind, and says why. For a port in use also `holder`, who has it, where that can be
    known, and `free_port`, an offer.
    """

    run: int
    text: str
    is_in_use: bool = False
    holder: str | None = None
    free_port: int | None = None


@dataclass(frozen=True, slots=True)
class ChildExited:
    """The endpoint's process is gone. `code` is negative for a signal on POSIX, as in subprocess."""

    run: int
    code: int
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class SpawnFailed:
    """The endpoint's process could not even be started."""

    run: int
    text: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One answer of GET /health; `status` None: none came, for `silent_s` seconds by now."""

    run: int
    status: HealthStatus | None
    model: str = ""
    progress: float | None = None
    active: int = 0
    queued: int = 0
    error: str | None = None
    silent_s: float = 0.0
    is_unloaded: bool = False
    figures: HealthFigures | None = None


@dataclass(frozen=True, slots=True)
class CacheReport:
    """What the endpoint's prompt cache takes; None: it doesn't say, or not to us."""

    run: int
    figures: CacheFigures | None


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The wait after a crash is over; `run` is the child that crashed."""

    run: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """A side job (copying, opening, clearing) ended with something to tell. `complains`: the settings file can't be
    read or written as it should; that is true, and told, until it can.
    """

    text: str
    complains: bool = False


@dataclass(frozen=True, slots=True)
class SettingsTouched:
    """The settings file isn't as it was when it was last read."""


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """What the settings file says after `writes` of ours."""

    writes: int
    choices: Choices
    preferences: Preferences
    models: Mapping[str, Tuning] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SurroundingsSeen:
    """What there is to choose from now; None: as before."""

    around: Surroundings | None = None
    starts_at_login: bool | None = None


@dataclass(frozen=True, slots=True)
class TemplateChosen:
    """A file with a chat template was chosen, for the model of this name."""

    model: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """A file or folder was chosen in the desktop's dialog."""

    ref: ModelRef


ChildReport = ChildListening | ChildBindFailed | ChildExited | SpawnFailed | HealthReport | CacheReport
"""What is told of a child."""

Report = (
    ChildReport
    | RetryDue
    | Noticed
    | SettingsTouched
    | SettingsRead
    | SurroundingsSeen
    | ModelChosen
    | TemplateChosen
    | DownloadsChanged
)

Action = Click | Report | Asked
