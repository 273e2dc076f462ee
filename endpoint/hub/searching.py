"""Finds repositories with models that could be run here. Nothing of the answers is trusted."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from endpoint.hub_contract import Hit
from endpoint.hub_names import is_repo

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

_LICENCE = "license:"
_LONGEST_LICENCE = 60


def search(words: str, kinds: tuple[str, ...], limit: int, token: str | None) -> tuple[Hit, ...]:
    """At most `limit` repositories of each kind, the most downloaded first. Raises what huggingface_hub raises."""
    hits: dict[str, Hit] = {}
    for kind in kinds:
        for hit in _search_kind(words, kind, limit, token):
            hits.setdefault(hit.repo, hit)
    return tuple(sorted(hits.values(), key=lambda hit: -hit.downloads))


def _search_kind(words: str, kind: str, limit: int, token: str | None) -> list[Hit]:
    from huggingface_hub import HfApi

    found = HfApi(token=token or False).list_models(
        search=words, filter=kind, sort="downloads", limit=limit, expand=["downloads", "likes", "tags", "gated"]
    )
    return [_read_hit(info, kind) for info in islice(found, limit) if is_repo(str(info.id))]


def _read_hit(info: ModelInfo, kind: str) -> Hit:
    tags = [str(tag) for tag in info.tags or ()]
    licence = next((tag.removeprefix(_LICENCE) for tag in tags if tag.startswith(_LICENCE)), "")
    return Hit(
        repo=str(info.id),
        kind=kind,
        downloads=_count(info.downloads),
        likes=_count(info.likes),
        licence="".join(each for each in licence if each.isprintable())[:_LONGEST_LICENCE],
        is_gated=bool(info.gated),
    )


def _count(value: object) -> int:
    return value if type(value) is int and value >= 0 else 0
