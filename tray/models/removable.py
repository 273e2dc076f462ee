"""Which model somebody means to delete, and whether it is ours to delete. Reads folders; deletes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tray.errors import ModelsError, OptionError
from tray.models.model import TITLES, FoundModel, Place
from tray.models.places import Places
from tray.models.removal import Removal, list_parts, plan_files, plan_own, plan_repository
from tray.suggestions import suggest

_REPO = re.compile(r"(?P<repo>[\w][\w.-]*/[\w][\w.-]*)(?::(?P<what>.+))?", re.ASCII)
_TOOLS = {
    Place.OLLAMA: "`ollama rm` deletes it",
    Place.LM_STUDIO: "LM Studio deletes it, under My Models",
    Place.LLAMA_CPP: "delete the file there yourself",
    Place.STARTER: "it comes with the program, and stays",
    Place.FOLDER: "it lies in a folder of yours: delete it there yourself",
    Place.FILE: "it is a file of yours: delete it there yourself",
}


def plan_removal(name: str, models: Sequence[FoundModel], places: Places) -> Removal:
    """What would go, of `models`, which were found in `places`. Raises OptionError for a name that is unknown or may
    mean several, ModelsError for what isn't ours to delete."""
    hub, own = places.hub.absolute(), places.own.absolute()
    repository = _REPO.fullmatch(name)
    if repository and not Path(name).exists():
        removal = _plan_in_hub(hub, repository["repo"], repository["what"] or "", models)
        if removal:
            return removal
    named = [each for each in models if name in (each.name, each.ref.model) or _is_path(name, each)]
    if not named:
        raise OptionError(
            f"there is no model {name!r} here{suggest(name, [each.name for each in models])} "
            "(`traypoint models` lists them)"
        )
    if len(named) > 1:
        raise OptionError(
            f"{name!r} may mean any of: {', '.join(each.ref.model for each in named)}; name one by its path"
        )
    return _plan_model(named[0], hub, own)


def _plan_in_hub(hub: Path, repo: str, what: str, models: Sequence[FoundModel]) -> Removal | None:
    if not what:
        return plan_repository(hub, repo)
    inside = [model for model in models if _split_pointer(hub, model.ref.model, repo)]
    is_file = what.lower().endswith(".gguf")
    named = [each for each in inside if _has_name(Path(each.ref.model).name, what, is_file=is_file)]
    plain = [each for each in named if f"UD-{what}".lower() not in each.ref.model.lower()]
    found = plain if len(named) > 1 and len(plain) == 1 else named
    if len(found) != 1:
        has = ", ".join(Path(each.ref.model).name for each in found or inside) or "no such model"
        raise OptionError(f"{repo} here: {has}; name one of its files, as in {repo}:FILE")
    return _plan_pointer(hub, found[0].ref.model, repo)


def _plan_model(model: FoundModel, hub: Path, own: Path) -> Removal:
    removal: Removal | None = None
    if model.place is Place.OWN:
        removal = plan_own(own, Path(model.ref.model))
    elif model.place is Place.HUGGING_FACE:
        repo = _find_repo(hub, model.ref.model)
        is_file = model.ref.model.lower().endswith(".gguf")
        removal = _plan_pointer(hub, model.ref.model, repo) if is_file else plan_repository(hub, repo)
    else:
        todo = _TOOLS[model.place]
        raise ModelsError(f"{model.name} isn't Traypoint's to delete ({TITLES[model.place]}): {todo}.")
    if removal is None:
        raise ModelsError(_explain_nothing(model))
    return removal


def _explain_nothing(model: FoundModel) -> str:
    """Why there is nothing to delete for a model in a place of ours."""
    if model.place is Place.OWN and Path(model.ref.model).exists():
        return f"{model.name} lies outside Traypoint's folder, where a link leads: delete it there yourself."
    return f"{model.name}: {model.ref.model} isn't where it was; `traypoint models` lists what there is."


def _plan_pointer(hub: Path, path: str, repo: str) -> Removal | None:
    """A GGUF in the cache, with all its parts."""
    inside = _split_pointer(hub, path, repo)
    folder = inside.rpartition("/")[0]
    names = [f"{folder}/{name}" if folder else name for name in list_parts(Path(path))]
    return plan_files(hub, repo, names)


def _split_pointer(hub: Path, path: str, repo: str) -> str:
    """A file's name in its repository; empty for one of another."""
    snapshots = hub / f"models--{repo.replace('/', '--')}" / "snapshots"
    place = Path(path)
    return "/".join(place.relative_to(snapshots).parts[1:]) if place.is_relative_to(snapshots) else ""


def _find_repo(hub: Path, model: str) -> str:
    """Of a path in the cache, or a repository's name as it is."""
    place = Path(model)
    if not place.is_relative_to(hub):
        return model
    return place.relative_to(hub).parts[0].removeprefix("models--").replace("--", "/", 1)


def _has_name(file: str, what: str, *, is_file: bool) -> bool:
    if is_file:
        return file.lower() == what.lower().rpartition("/")[2]
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(what)}(?![A-Za-z0-9_])", file, re.IGNORECASE) is not None


def _is_path(name: str, model: FoundModel) -> bool:
    return ("/" in name or os.sep in name) and Path(name).expanduser().absolute() == Path(model.ref.model)
