"""Finds the models on this machine: lists the places, reads headers where they changed, and leaves out what is none.

Runs on whatever thread asks; blocks for as long as the disk takes, so never on the one that shows the menu. Nothing is
written but the cache of headers, nothing is downloaded, and a place that can't be read is as one that isn't there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endpoint.contract import ModelRef
from tray.models.candidate import Candidate
from tray.models.facts import Facts, Role
from tray.models.folders import list_added, list_tree
from tray.models.header_cache import HeaderCache
from tray.models.hugging_face import list_hugging_face
from tray.models.llama_cpp import list_llama_cpp
from tray.models.lm_studio import list_lm_studio
from tray.models.model import Capability, FoundModel, Place
from tray.models.ollama import list_ollama
from tray.models.places import Places
from tray.models.starter import list_starter
from tray.printable import NOT_UTF8, is_utf8, make_printable

_ORDER = list(Place)
_PROJECTOR_NAME = "mmproj"


@dataclass(frozen=True, slots=True)
class _Seen:
    candidate: Candidate
    facts: Facts


def discover(places: Places, cache_file: Path | None = None) -> tuple[FoundModel, ...]:
    """All models in these places, each file once, those with a problem among them; by place, then by name.

    `cache_file`: where to remember headers, so that the next time takes milliseconds. Raises nothing for what is found
    in the places, however broken.
    """
    cache = HeaderCache(cache_file)
    seen = [_look(candidate, cache) for candidate in _drop_repeated(_list_places(places))]
    cache.save()
    projectors = [each for each in seen if each.facts.role is Role.PROJECTOR]
    models = [each for each in seen if each.facts.role is Role.MODEL]
    found = [_describe(each, sees=_has_projector(each, projectors, models)) for each in models]
    return tuple(sorted(found, key=_rank))


def _list_places(places: Places) -> Iterator[Candidate]:
    """What lies in more than one place belongs to the first."""
    if places.has_starter:
        yield from list_starter()
    yield from list_tree(places.own.absolute(), Place.OWN)
    yield from list_hugging_face(places.hub.absolute())
    yield from list_lm_studio(places.lm_studio.absolute())
    for store in places.ollama:
        yield from list_ollama(store.absolute())
    yield from list_llama_cpp(places.llama_cpp.absolute())
    for path in places.extra:
        yield from list_added(path.absolute())


def _drop_repeated(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each file once, whatever paths lead to it."""
    seen: set[tuple[int, int]] = set()
    for candidate in candidates:
        identity = candidate.stamp.identity
        if identity not in seen:
            yield candidate
        if any(identity):  # zeros: there is no file to tell
            seen.add(identity)


def _look(candidate: Candidate, cache: HeaderCache) -> _Seen:
    """Read the header, unless the listing alone has shown that something is missing."""
    problem = candidate.problem or ("" if is_utf8(candidate.model) else NOT_UTF8)
    facts = Facts(problem=problem) if problem else cache.find_facts(candidate)
    if facts.problem and candidate.name.lower().startswith(_PROJECTOR_NAME):
        facts = Facts(role=Role.PROJECTOR)  # broken, but no model either way
    return _Seen(candidate, facts)


def _has_projector(model: _Seen, projectors: Sequence[_Seen], models: Sequence[_Seen]) -> bool:
    """Whether a projector is the model's: Ollama tells; elsewhere one in the same folder that is of the same lineage,
    or is alone there with the model."""
    if model.candidate.has_projector:
        return True
    folder = model.candidate.folder
    lineages = {each.facts.lineage for each in projectors if each.candidate.folder == folder}
    if not lineages:
        return False
    alone = sum(each.candidate.folder == folder for each in models) == 1
    return alone or (model.facts.lineage != "" and model.facts.lineage in lineages)


def _describe(seen: _Seen, *, sees: bool) -> FoundModel:
    candidate, facts = seen.candidate, seen.facts
    capabilities = set(facts.capabilities)
    if sees and Capability.EMBEDDINGS not in capabilities:
        capabilities.add(Capability.VISION)
    return FoundModel(
        ref=ModelRef(candidate.provider, candidate.model),
        name=make_printable(candidate.name),
        place=candidate.place,
        size_bytes=candidate.size_bytes,
        modified=candidate.stamp.modified_ns / 1e9,
        family=facts.family,
        parameters=facts.parameters,
        quantisation=facts.quantisation,
        n_ctx=facts.n_ctx,
        capabilities=tuple(each for each in Capability if each in capabilities),
        attention=facts.attention,
        shape=facts.shape,
        problem=facts.problem,
    )


def _rank(model: FoundModel) -> tuple[int, bool, str, str]:
    """Broken ones last in their place."""
    return _ORDER.index(model.place), bool(model.problem), model.name.casefold(), model.ref.model
