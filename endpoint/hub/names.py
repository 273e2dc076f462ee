"""What the hub calls things. Its answers become paths here, so each name is checked before it is used. Pure."""

from __future__ import annotations

import re

from endpoint.hub.failure import HubFailure
from endpoint.hub_contract import FailureCode
from endpoint.hub_names import is_repo

_COMMIT = re.compile(r"[0-9a-f]{40}")
_ETAG = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PART = re.compile(r"[^\\/:*?\"<>|\x00-\x1f\x7f]+")
"""A folder's or a file's name that no platform takes for anything else."""
_LONGEST_PATH = 400


def split_wanted(text: str) -> tuple[str, str]:
    """`owner/name:what` -> repository, and a file's or quantisation's name, or "". Raises HubFailure."""
    repo, _, what = text.strip().removeprefix("https://huggingface.co/").partition(":")
    repo = repo.strip("/")
    if not is_repo(repo):
        raise HubFailure(
            FailureCode.BAD_NAME,
            f"{text!r} names no repository: that is OWNER/NAME or OWNER/NAME:QUANT, as in unsloth/Qwen3-4B-GGUF:Q4_0.",
        )
    return repo, what.strip()


def is_commit(text: object) -> bool:
    """Whether it is a commit's whole number."""
    return isinstance(text, str) and _COMMIT.fullmatch(text) is not None


def is_etag(text: object) -> bool:
    """Whether it is a hash as the hub names contents: SHA-256, or git's SHA-1."""
    return isinstance(text, str) and _ETAG.fullmatch(text) is not None


def is_file(text: object) -> bool:
    """Whether it is a relative path that stays below its folder, on every platform."""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_PATH:
        return False
    parts = text.split("/")
    return all(_PART.fullmatch(part) and part.strip(". ") and not part.endswith((".", " ")) for part in parts)
