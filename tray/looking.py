"""Looks around on this machine for what a menu can offer: models, providers, clients, versions. Blocks for some ms."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from pathlib import Path

from endpoint.contract import KvType
from tray.clients.catalogue import CLIENTS
from tray.errors import TrayError
from tray.models.discovery import discover
from tray.models.fit import Fit, rate_fit, summarise_fit
from tray.models.memory import Memory, read_memory
from tray.models.model import TITLES, FoundModel
from tray.models.places import find_places
from tray.models.recent import load_recent
from tray.models.sizes import format_bytes
from tray.options import Places, read_environment
from tray.paths import Paths
from tray.settings import LoadedSettings, read_settings
from tray.surroundings import ClientChoice, ModelChoice, ProviderChoice, Surroundings
from tray.versions import read_versions

_LIBRARIES = {"llamacpp": "llama_cpp", "mlx": "mlx_lm"}


def look_around(paths: Paths) -> Surroundings:
    """What there is now. Raises nothing: what can't be read isn't there."""
    memory, settings = read_memory().after_freeing(_measure_children()), _read_settings(paths)
    asked = _find_asked(settings)
    return Surroundings(
        models=tuple(_offer(model, asked, memory) for model in _discover(paths, settings)),
        recent=load_recent(paths.recent_file),
        providers=tuple(ProviderChoice(name, _find_problem(name)) for name in _LIBRARIES),
        clients=tuple(ClientChoice(client.name, client.title) for client in CLIENTS),
        versions=read_versions(),
        cores=os.cpu_count() or 0,
    )


def find_models(paths: Paths) -> tuple[FoundModel, ...]:
    """Those in all places, the folders that the user added among them."""
    return _discover(paths, _read_settings(paths))


def rate_asked(model: FoundModel, asked: Places, memory: Memory) -> Fit:
    """How a model would fit with its own settings, and those for all."""
    options = asked.for_model(model.ref)
    kv_type = KvType(options.kv_type or KvType.F16)
    return rate_fit(model, memory, options.ctx_size or None, options.parallel, kv_type=kv_type)


def _read_settings(paths: Paths) -> LoadedSettings | None:
    """None: they make no sense, which is told where they are read for what they say."""
    try:
        return read_settings(paths.settings_file)
    except TrayError:
        return None


def _discover(paths: Paths, settings: LoadedSettings | None) -> tuple[FoundModel, ...]:
    folders = settings.preferences.folders if settings else ()
    places = find_places(os.environ, Path.home(), sys.platform, paths.models_dir, folders)
    return discover(places, paths.headers_file)


def _find_asked(settings: LoadedSettings | None) -> Places:
    try:
        return settings.under(read_environment(os.environ)) if settings else Places()
    except TrayError:  # told at the start
        return Places()


def _offer(model: FoundModel, asked: Places, memory: Memory) -> ModelChoice:
    facts = [model.name]
    if model.quantisation and model.quantisation.lower() not in model.name.lower():
        facts.append(model.quantisation)
    if model.size_bytes:
        facts.append(format_bytes(model.size_bytes))
    if not model.problem:
        facts.append(summarise_fit(rate_asked(model, asked, memory)))
    return ModelChoice(model.ref, TITLES[model.place], " · ".join(facts), model.problem, model.n_ctx or None)


def _find_problem(provider: str) -> str:
    """Why a provider can't run here; empty where it can."""
    if importlib.util.find_spec(_LIBRARIES[provider]) is not None:
        return ""
    if provider == "mlx" and not (sys.platform == "darwin" and platform.machine() == "arm64"):
        return "needs Apple silicon"
    return "not installed: see traypoint doctor"


def _measure_children() -> int:
    """Bytes that the endpoint which runs now would give back."""
    import psutil

    try:
        return sum(int(child.memory_info().rss) for child in psutil.Process().children())
    except (psutil.Error, OSError):
        return 0
