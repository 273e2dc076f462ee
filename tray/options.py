"""What to run, from four places: flag > environment > settings file > default. Pure.

A place that says nothing about a key leaves it None; `merge` takes the first one that speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

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
from tray.keys import ENDPOINT, KEYS, TUNING, find_key
from tray.targets import Target
from tray.values import check_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How one model is run. None: the endpoint chooses, or nothing is said. `ctx_size` 0: as memory allows."""

    ctx_size: int | None = None
    parallel: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    kv_type: str | None = None
    speculation: str | None = None
    chat_template: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class Choices(Tuning):
    """What one place says. None: nothing."""

    provider: str | None = None
    model: str | None = None
    host: str | None = None
    port: int | None = None
    api_key: str | None = None
    cache_ram: int | None = None
    cache_disk: int | None = None
    idle_unload: int | None = None


@dataclass(frozen=True, slots=True)
class Options(Tuning):
    """What to run. None: the endpoint chooses."""

    ref: ModelRef
    host: str
    port: int
    api_key: str | None = None
    cache_ram: int | None = None
    cache_disk: int | None = None
    idle_unload: int | None = None
    force: bool = False  # also where memory is too short for it


VARIABLES: Mapping[str, tuple[str, ...]] = {
    "provider": (Env.PROVIDER, Env.COMPAT_PROVIDER),
    "model": (Env.MODEL, Env.COMPAT_MODEL),
    "host": (Env.HOST, Env.COMPAT_HOST),
    "port": (Env.PORT, Env.COMPAT_PORT),
    "ctx_size": (Env.CONTEXT,),
    "parallel": (Env.PARALLEL,),
    "threads": (Env.THREADS,),
    "gpu_layers": (Env.GPU_LAYERS,),
    "kv_type": (Env.KV_TYPE,),
    "speculation": (Env.SPECULATION,),
    "chat_template": (Env.CHAT_TEMPLATE,),
    "temperature": (Env.TEMPERATURE,),
    "top_p": (Env.TOP_P,),
    "top_k": (Env.TOP_K,),
    "min_p": (Env.MIN_P,),
    "repeat_penalty": (Env.REPEAT_PENALTY,),
    "presence_penalty": (Env.PRESENCE_PENALTY,),
    "frequency_penalty": (Env.FREQUENCY_PENALTY,),
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
            found[key] = _read_variable(name, env[name], _find_reader(key))
    return make_choices(found)


def make_choices(found: Mapping[str, object]) -> Choices:
    """Choices from values that have been checked."""
    return Choices(**found)  # type: ignore[arg-type]  # each value went through its key's check


def make_tuning(found: Mapping[str, object]) -> Tuning:
    """The same for one model's own settings."""
    return Tuning(**found)  # type: ignore[arg-type]  # each value went through its key's check


def pick_tuning(options: Tuning) -> Tuning:
    """That part of the options."""
    return make_tuning(_list_tuning(options))


def _list_tuning(options: Tuning) -> dict[str, object]:
    return {each.name: getattr(options, each.name) for each in fields(Tuning)}


def first_of(*places: Tuning) -> Choices:
    """For each key the first place that says something."""
    return make_choices({each.name: _find_first(each.name, places) for each in fields(Choices)})


def _find_first(name: str, places: Sequence[Tuning]) -> object:
    return next((value for place in places if (value := getattr(place, name, None)) is not None), None)


def merge(*places: Tuning) -> Options:
    """What to run: for each key the first place that says something, else the default. A provider has one name here:
    another word for the same one must not look like a change.
    """
    merged = first_of(*places)
    provider = merged.provider or DEFAULT_PROVIDER
    options = Options(
        ref=ModelRef(PROVIDER_ALIASES.get(provider.lower(), provider), merged.model or DEFAULT_MODEL),
        host=merged.host or DEFAULT_HOST,
        port=DEFAULT_PORT if merged.port is None else merged.port,
        api_key=merged.api_key,
        cache_ram=merged.cache_ram,
        cache_disk=merged.cache_disk,
        idle_unload=merged.idle_unload,
    )
    return replace(options, **_list_tuning(merged))  # type: ignore[arg-type]  # fields of both, of the same types


@dataclass(frozen=True, slots=True)
class Places:
    """What is asked for, while the app runs: `launch` is what flags and environment said and wins over the `file`, key
    by key, until a key is changed in the menu, by a verb or in the file: the later word counts. `models`: what the
    file says for one model alone, which wins over what it says for all. `force`: asked for with the last model.
    """

    launch: Choices = field(default_factory=Choices)
    file: Choices = field(default_factory=Choices)
    models: Mapping[str, Tuning] = field(default_factory=dict)
    force: bool = False

    @property
    def options(self) -> Options:
        """What to run."""
        return replace(merge(self.launch, self.own, self.file), force=self.force)

    @property
    def model(self) -> str:
        """The one that is asked for, as it was written."""
        return self.launch.model or self.file.model or DEFAULT_MODEL

    @property
    def own(self) -> Tuning:
        """What the file says for this model alone."""
        return self.models.get(self.model) or Tuning()

    def for_model(self, ref: ModelRef) -> Options:
        """What would run, were it this model."""
        return replace(self, launch=replace(self.launch, provider=ref.provider, model=ref.model)).options

    def change(self, values: Mapping[Target, object]) -> Places:
        """With these set, as the file will have them; None: not said any more."""
        general = {target.key.name: value for target, value in values.items() if not target.model}
        file = _replace(self.file, general)
        models = dict(self.models)
        for target, value in values.items():
            if target.model:
                before = models.pop(target.model, Tuning())
                after = replace(before, **{target.key.name: value})  # type: ignore[arg-type]  # checked by its key
                models |= {} if after == Tuning() else {target.model: after}
        launch = _replace(self.launch, dict.fromkeys(general))
        served = launch.model or file.model or DEFAULT_MODEL
        own = {target.key.name for target in values if target.model == served}
        return Places(_replace(launch, dict.fromkeys(own)), file, models, self.force)

    def reread(self, file: Choices, models: Mapping[str, Tuning]) -> Places:
        """With another file: what it changes counts, also where a flag said otherwise at the start."""
        return self.change(find_changes(self, Places(file=file, models=models)))


def find_changes(now: Places, wanted: Places) -> dict[Target, object]:
    """What has to be set in the file to get from one to the other."""
    changed = {
        Target(key): value
        for key in KEYS
        if key.section == ENDPOINT and (value := getattr(wanted.file, key.name)) != getattr(now.file, key.name)
    }
    for model in {**now.models, **wanted.models}:
        before, after = (places.models.get(model, Tuning()) for places in (now, wanted))
        changed |= {
            Target(key, model): value
            for key in TUNING.values()
            if (value := getattr(after, key.name)) != getattr(before, key.name)
        }
    return changed


def _replace(choices: Choices, values: Mapping[str, object]) -> Choices:
    return replace(choices, **values)  # type: ignore[arg-type]  # each value went through its key's check


def _find_reader(name: str) -> Callable[[str], object]:
    """An unknown provider has an exit code of its own, which the endpoint ends with; the API key is no setting."""
    key = find_key(name)
    return check_text if key is None or name == "provider" else key.read


def _read_variable(name: str, text: str, read: Callable[[str], object]) -> object:
    try:
        return read(text)
    except ValueError as error:
        raise OptionError(f"the environment variable {name} {error}") from error
