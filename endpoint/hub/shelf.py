"""Where a repository's files lie in Hugging Face's cache, and how a finished one gets there. The layout is theirs.

    models--owner--name/blobs/<etag>               a content; <etag>.incomplete while it comes
    models--owner--name/snapshots/<commit>/<file>  a link to it
    models--owner--name/refs/main                  the commit that `main` is
    .locks/models--owner--name/<etag>.lock         held by who downloads it, huggingface_hub too

huggingface_hub itself begins every download anew, under a name made up at random; `<etag>.incomplete` is what its older
versions resumed from.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from endpoint.hub.listing import HubFile, Listing

PARTIAL, LOCKS = ".incomplete", ".locks"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One repository in the cache at `hub`."""

    hub: Path
    repo: str

    @property
    def name(self) -> str:
        return f"models--{self.repo.replace('/', '--')}"

    @property
    def home(self) -> Path:
        return self.hub / self.name

    def blob(self, file: HubFile) -> Path:
        """The content, once it is complete and verified."""
        return self.home / "blobs" / file.etag

    def partial(self, file: HubFile) -> Path:
        """The beginning of it."""
        return self.home / "blobs" / f"{file.etag}{PARTIAL}"

    def pointer(self, commit: str, file: HubFile) -> Path:
        """Where programs find it."""
        return self.home.joinpath("snapshots", commit, *file.path.split("/"))

    def lock(self, etag: str) -> Path:
        """Held by who writes the content."""
        return self.hub / LOCKS / self.name / f"{etag}.lock"

    def is_here(self, commit: str, file: HubFile) -> bool:
        """Whether programs find it, whole as far as its size tells."""
        with contextlib.suppress(OSError):
            return self.pointer(commit, file).stat().st_size == file.size
        return False

    def has_blob(self, file: HubFile) -> bool:
        """Whether its content is here, whole as far as its size tells."""
        with contextlib.suppress(OSError):
            return self.blob(file).stat().st_size == file.size
        return False

    def count_done(self, commit: str, file: HubFile) -> int:
        """Bytes of it that are on the disk."""
        if self.is_here(commit, file) or self.has_blob(file):
            return file.size
        with contextlib.suppress(OSError):
            return min(self.partial(file).stat().st_size, file.size)
        return 0

    def point(self, commit: str, file: HubFile) -> None:
        """Make the blob found under the file's name. Where there are no links, it is moved there. Raises OSError."""
        pointer, blob = self.pointer(commit, file), self.blob(file)
        pointer.parent.mkdir(parents=True, exist_ok=True)
        fresh = pointer.with_name(f"{pointer.name}.{os.getpid()}.new")
        try:
            fresh.symlink_to(os.path.relpath(blob, pointer.parent))
        except OSError:  # Windows, unless it is in developer mode
            blob.replace(pointer)
        else:
            fresh.replace(pointer)

    def set_main(self, commit: str) -> None:
        """From now on `main` is this commit. Written last: what it was stays usable until then. Raises OSError."""
        ref = self.home / "refs" / "main"
        ref.parent.mkdir(parents=True, exist_ok=True)
        fresh = ref.with_name(f"main.{os.getpid()}.new")
        fresh.write_text(commit, encoding="ascii")
        fresh.replace(ref)

    def list_stale(self, listing: Listing) -> Iterator[Path]:
        """Beginnings of contents that the repository no longer has: nobody will go on with them."""
        wanted = {file.etag for file in listing.files}
        with contextlib.suppress(OSError):
            for path in (self.home / "blobs").iterdir():
                # Names with anything between are other programs', which may be writing now.
                if path.name.endswith(PARTIAL) and "." not in path.stem and path.stem not in wanted:
                    yield path
