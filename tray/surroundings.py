"""What there is on this machine to choose from, as values: models, providers, clients, versions. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.contract import ModelRef


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be picked. `group`: where it is; `label`: its name, size and how well it fits; `problem`: why it
    can't be picked, empty where it can.
    """

    ref: ModelRef
    group: str
    label: str
    problem: str = ""
    n_ctx: int | None = None  # the longest context that it was made for


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A provider by its one name. `problem`: why it can't run here, empty where it can."""

    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """A client whose set-up can be copied."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that could be downloaded: as `traypoint pull` takes it, and its name, size and how long that takes."""

    wanted: str
    label: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`recent`: the models used last, the newest first. `versions`: lines about what is installed."""

    models: tuple[ModelChoice, ...] = ()
    recent: tuple[ModelRef, ...] = ()
    providers: tuple[ProviderChoice, ...] = (ProviderChoice("llamacpp"), ProviderChoice("mlx"))
    clients: tuple[ClientChoice, ...] = ()
    versions: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    cores: int = 0  # 0: unknown
