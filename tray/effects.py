"""What the lifecycle asks for. Values only: the controller has them carried out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from endpoint.contract import ExitCode, ModelRef
from tray.downloads.download import Download
from tray.downloads.wishes import Fetch
from tray.options import Options
from tray.surroundings import Offer


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start endpoint number `run`."""

    run: int
    options: Options


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """Poll the health of endpoint number `run`."""

    run: int
    host: str
    port: int


class ChildEffect(StrEnum):
    """What to do with the running endpoint."""

    DRAIN = "drain"  # let it answer what it has taken on, however long that takes; the exit is reported as ChildExited
    STOP = "stop"  # politely first
    HURRY = "hurry"  # the same within five seconds: the session ends
    KILL = "kill"  # at once
    FORGET = "forget"  # it has gone: nothing to poll any more


@dataclass(frozen=True, slots=True)
class TellDownloads:
    """Have the endpoint's page show these, now and after each start."""

    downloads: tuple[Download, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class ScheduleRetry:
    """Post RetryDue(run) after a while."""

    run: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class CopyText:
    """Put this on the clipboard."""

    text: str


@dataclass(frozen=True, slots=True)
class CopyClientSetup:
    """Put a client's set-up for this endpoint on the clipboard. `n_ctx` 0: unknown."""

    client: str
    base_url: str
    model: str
    n_ctx: int
    with_key: bool


class Desk(StrEnum):
    """Small things to do on the user's desktop; how they ended is posted as Noticed where that is worth a line."""

    COPY_KEY = "copy-key"
    OPEN_LOG = "open-log"
    OPEN_SETTINGS = "open-settings"
    OPEN_MODELS = "open-models"
    OPEN_LICENCES = "open-licences"
    CHOOSE_MODEL = "choose-model"  # posts ModelChosen
    LOOK_AROUND = "look-around"  # posts SurroundingsSeen


@dataclass(frozen=True, slots=True)
class ChooseTemplate:
    """Ask for a file with a chat template for this model; posts TemplateChosen."""

    model: str


@dataclass(frozen=True, slots=True)
class OpenUrl:
    """Show this page in the user's browser."""

    url: str


@dataclass(frozen=True, slots=True)
class ClearCache:
    """Have endpoint number `run` forget the prompts that it holds; how that ended is posted as Noticed."""

    run: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SaveSettings:
    """Write these keys to the settings file; None takes one out."""

    values: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Read the settings file and post SettingsRead(writes)."""

    writes: int


@dataclass(frozen=True, slots=True)
class SetAutostart:
    """Start at login, or don't; posts SurroundingsSeen."""

    on: bool


@dataclass(frozen=True, slots=True)
class RememberModel:
    """This model has been served: it goes to the top of the recent ones. Posts SurroundingsSeen."""

    ref: ModelRef


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to do: end the app with this exit code."""

    code: int = ExitCode.OK


SideJob = (
    CopyText
    | CopyClientSetup
    | Desk
    | ChooseTemplate
    | OpenUrl
    | ClearCache
    | SaveSettings
    | ReadSettings
    | SetAutostart
    | RememberModel
)
"""What has nothing to do with the child's life."""

Effect = StartChild | WatchHealth | ChildEffect | ScheduleRetry | SideJob | Fetch | TellDownloads | Finish
