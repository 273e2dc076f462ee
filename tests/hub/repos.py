"""What the stand-in for the hub holds: repositories, and what goes wrong with them."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field

LFS_FROM = 1000
"""Bytes from which a file is kept beside git, and fetched from elsewhere."""


def make_bytes(count: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(count)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of, or in the middle of, one answer with a file's content.

    `status`: an answer without content; `reset_after`: bytes of content after which the connection is reset; `wrong`:
    one byte of it is changed.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    reset_after: int | None = None
    wrong: bool = False


@dataclass
class Repo:
    """One repository at one commit. `gate`: the token that may read it; empty: everyone may. `listing_status`: an
    error in place of its listing. `reads_ranges`: whether a part can be asked for."""

    name: str
    files: dict[str, bytes]
    commit: str = "a" * 40
    gate: str = ""
    listing_status: int = 0
    reads_ranges: bool = True
    tags: tuple[str, ...] = ("gguf", "license:apache-2.0")
    downloads: int = 100
    faults: list[Fault] = field(default_factory=list)

    def describe(self) -> dict[str, object]:
        """As /api/models/NAME/revision/REV?blobs=true tells."""
        siblings = [self._describe_file(path) for path in sorted(self.files)]
        return {"id": self.name, "sha": self.commit, "gated": "auto" if self.gate else False, "siblings": siblings}

    def list_tree(self) -> list[dict[str, object]]:
        """As /api/models/NAME/tree/REV tells."""
        found = [(path, self._describe_file(path)) for path in sorted(self.files)]
        return [{"type": "file", "path": path, "size": told["size"], "oid": told["blobId"]} for path, told in found]

    def summarise(self) -> dict[str, object]:
        """As a search tells."""
        return {
            "id": self.name,
            "downloads": self.downloads,
            "likes": 7,
            "tags": list(self.tags),
            "gated": "auto" if self.gate else False,
        }

    def is_lfs(self, path: str) -> bool:
        return len(self.files[path]) >= LFS_FROM

    def etag(self, path: str) -> str:
        content = self.files[path]
        if self.is_lfs(path):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def _describe_file(self, path: str) -> dict[str, object]:
        size = len(self.files[path])
        told: dict[str, object] = {"rfilename": path, "size": size, "blobId": self.etag(path)}
        if self.is_lfs(path):
            told["blobId"] = "b" * 40
            told["lfs"] = {"size": size, "sha256": self.etag(path), "pointerSize": 130}
        return told
