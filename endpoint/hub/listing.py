"""A repository's files as the hub lists them, each with the hash that it must have. Nothing of it is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from endpoint.hub.failure import HubFailure
from endpoint.hub.names import is_commit, is_etag, is_file
from endpoint.hub_contract import FailureCode

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

MOST_FILES = 20_000
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class HubFile:
    """`path` in the repository, with slashes; `size` in bytes. `etag`: the SHA-256 of its content, or, where it is kept
    in git itself, the SHA-1 that git gives it; it names the content in the cache."""

    path: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository at one commit."""

    repo: str
    commit: str
    files: tuple[HubFile, ...]


def read_listing(repo: str, revision: str, token: str | None) -> Listing:
    """Ask the hub. Raises HubFailure, and whatever huggingface_hub raises."""
    from huggingface_hub import HfApi

    # False: huggingface_hub must not look for one by itself.
    info = HfApi(token=token or False).model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT_S)
    if not is_commit(info.sha):
        raise _make_no_sense(repo, "it names no commit")
    siblings = info.siblings or []
    if len(siblings) > MOST_FILES:
        raise _make_no_sense(repo, f"it has {len(siblings)} files")
    files = (_read_file(sibling) for sibling in siblings)
    return Listing(repo, str(info.sha), tuple(file for file in files if file is not None))


def _read_file(sibling: RepoSibling) -> HubFile | None:
    """None for a file whose name or hash makes no sense: it can't be asked for either."""
    lfs = sibling.lfs
    size: object = lfs.size if lfs else sibling.size  # whatever the answer held
    etag: object = lfs.sha256 if lfs else sibling.blob_id
    if not is_file(sibling.rfilename) or not is_etag(etag) or not isinstance(size, int) or size < 0:
        return None
    return HubFile(sibling.rfilename, size, str(etag))


def _make_no_sense(repo: str, why: str) -> HubFailure:
    return HubFailure(FailureCode.SERVER, f"The hub's answer about {repo} makes no sense: {why}.")
