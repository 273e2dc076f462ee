"""The real chat templates that llama-cpp-python's source archive carries, read from where the set-up keeps it.

They belong to their models' makers, so they are not copied into this repository.
"""

from __future__ import annotations

import os
import sys
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from wheel_cache import user_cache_dir

FOLDER = "/vendor/llama.cpp/models/templates/"


@cache
def real_templates() -> Mapping[str, str]:
    """Name -> source, sorted; empty where the archive isn't there (a set-up with a ready-made wheel has none)."""
    kept = user_cache_dir(sys.platform, os.environ, Path.home()) / "llama-cpp-python" / "sdist"
    archives = sorted(kept.glob("llama_cpp_python-*.tar.gz"))
    if not archives:
        return {}
    found: dict[str, str] = {}
    with tarfile.open(archives[-1], "r|gz") as archive:  # as a stream: reading it once is what takes the time
        for member in archive:
            if FOLDER in member.name and member.name.endswith(".jinja"):
                content = archive.extractfile(member)
                found[Path(member.name).stem] = content.read().decode() if content else ""
    return dict(sorted(found.items()))
