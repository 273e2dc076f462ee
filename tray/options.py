"""What to run, from four places: flag > environment > settings file > default. Pure.

A place that says nothing about a key leaves it None; `merge` takes the first one that speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from endpoint.contract import (
    DEFAULT_HOST,
    DEFAULT_MODEL,
    DEFAULT_PORT,
    DEFAULT_PROVIDER,
    PROVIDER_ALIASES,
    Env,
    ModelRef,
)
from tray.errors import OptionError
from tray.keys import RANGES, check_text


@dataclass(frozen=True, slots=True)
class Choices:
    """What one place says. None: nothing."""

    provider: str | None = None
    model: str | None = None
    host: str | None = None
    port: int | None = None
    ctx_size: int | None = None
    parallel: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    api_key: str | None = None
    cache_ram: int | None = None
    cache_disk: int | None = None
    idle_unload: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What to run. None: the endpoint chooses."""

    ref: ModelRef
    host: str
    port: int
    ctx_size: int | None = None
    parallel: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    api_key: str | None = None
    cache_ram: int | None = None
    cache_disk: int | None = None
    idle_unload: int | None = None


VARIABLES: Mapping[str, tuple[str, ...]] = {
    "provider": (Env.PROVIDER, Env.COMPAT_PROVIDER),
    "model": (Env.MODEL, Env.COMPAT_MODEL),
    "host": (Env.HOST, Env.COMPAT_HOST),
    "port": (Env.PORT, Env.COMPAT_PORT),
    "ctx_size": (Env.CONTEXT,),
    "parallel": (Env.PARALLEL,),
    "threads": (Env.THREADS,),
    "gpu_layers": (Env.GPU_LAYERS,),
    "api_key": (Env.API_KEY,),
    "cache_ram": (Env.CACHE_RAM,),
    "cache_disk": (Env.CACHE_DISK,),
    "idle_unload": (Env.IDLE_UNLOAD,),
}
"""Key -> the variables that set it, the first that is set and not empty counts."""


def read_environment(env: Mapping[str, str]) -> Choices:
    """What the environment says. Raises OptionError, which names the variable."""
    found: dict[str, object] = {}
    for key, names in VARIABLES.items():
        name = next((n for n in names if env.get(n, "").strip()), None)
        if name:
            found[key] = _read_variable(name, env[name], RANGES[key].read if key in RANGES else check_text)
    return make_choices(found)


def make_choices(found: Mapping[str, object]) -> Choices:
    """Choices from values that have been checked."""
    return Choices(**found)  # type: ignore[arg-type]  # each value went through its key's check


def first_of(*places: Choices) -> Choices:
    """For each key the first place that says something."""
    first = {f.name: next((v for p in places if (v := getattr(p, f.name)) is not None), None) for f in fields(Choices)}
    return make_choices(first)


def merge(*places: Choices) -> Options:
    """What to run: for each key the first place that says something, else the default. A provider has one name here:
    another word for the same one must not look like a change.
    """
    merged = first_of(*places)
    provider = merged.provider or DEFAULT_PROVIDER
    return Options(
        ref=ModelRef(PROVIDER_ALIASES.get(provider.lower(), provider), merged.model or DEFAULT_MODEL),
        host=merged.host or DEFAULT_HOST,
        port=DEFAULT_PORT if merged.port is None else merged.port,
        ctx_size=merged.ctx_size,
        parallel=merged.parallel,
        threads=merged.threads,
        gpu_layers=merged.gpu_layers,
        api_key=merged.api_key,
        cache_ram=merged.cache_ram,
        cache_disk=merged.cache_disk,
        idle_unload=merged.idle_unload,
    )


@dataclass(frozen=True, slots=True)
class Places:
    """What is asked for, while the app runs: `launch` is what flags and environment said and wins over the `file`, key
    by key, until a key is changed in the menu, by a verb or in the file: the later word counts.
    """

    launch: Choices = field(default_factory=Choices)
    file: Choices = field(default_factory=Choices)

    @property
    def options(self) -> Options:
        """What to run."""
        return merge(self.launch, self.file)

    def change(self, values: Mapping[str, object]) -> Places:
        """With these keys set, as the file will have them; None: not said any more."""
        gone: dict[str, object] = dict.fromkeys(values)
        return Places(_replace(self.launch, gone), _replace(self.file, values))

    def reread(self, file: Choices) -> Places:
        """With another file: what it changes counts, also where a flag said otherwise at the start."""
        return self.change({name: value for name, value in _items(file) if value != getattr(self.file, name)})


def differing(now: Choices, wanted: Choices) -> dict[str, object]:
    """What has to be set to get from one to the other."""
    return {name: value for name, value in _items(wanted) if value != getattr(now, name)}


def _items(choices: Choices) -> list[tuple[str, object]]:
    return [(f.name, getattr(choices, f.name)) for f in fields(Choices)]


def _replace(choices: Choices, values: Mapping[str, object]) -> Choices:
    return make_choices(dict(_items(choices)) | dict(values))


def _read_variable(name: str, text: str, read: Callable[[str], object]) -> object:
    try:
        return read(text)
    except ValueError as error:
        raise OptionError(f"the environment variable {name} {error}") from error
